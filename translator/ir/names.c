/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "names.h"
#include "softfloat.h"

const char *const ir_cond_names[IR_COND_COUNT] = {
    [IR_EQ] = "eq",   [IR_NE] = "ne",   [IR_LTU] = "ltu", [IR_GEU] = "geu", [IR_LEU] = "leu",
    [IR_GTU] = "gtu", [IR_LTS] = "lts", [IR_GES] = "ges", [IR_LES] = "les", [IR_GTS] = "gts",
};
const char *const ir_flag_cond_names[IR_FLAG_COND_COUNT] = {
    [IR_FLAG_EQ] = "eq", [IR_FLAG_NE] = "ne", [IR_FLAG_CS] = "cs", [IR_FLAG_CC] = "cc", [IR_FLAG_MI] = "mi",
    [IR_FLAG_PL] = "pl", [IR_FLAG_VS] = "vs", [IR_FLAG_VC] = "vc", [IR_FLAG_HI] = "hi", [IR_FLAG_LS] = "ls",
    [IR_FLAG_GE] = "ge", [IR_FLAG_LT] = "lt", [IR_FLAG_GT] = "gt", [IR_FLAG_LE] = "le",
};
const char *const ir_fcond_names[IR_FCOND_COUNT] = {
    [IR_FEQ] = "eq", [IR_FLT] = "lt", [IR_FLE] = "le", [IR_FGT] = "gt", [IR_FGE] = "ge", [IR_FUN] = "un",
};
const char *const ir_atomic_names[IR_ATOMIC_COUNT] = {
    [IR_ATOMIC_ADD] = "add",     [IR_ATOMIC_AND] = "and",     [IR_ATOMIC_ANDN] = "andn",   [IR_ATOMIC_OR] = "or",
    [IR_ATOMIC_XOR] = "xor",     [IR_ATOMIC_MIN_S] = "min_s", [IR_ATOMIC_MAX_S] = "max_s", [IR_ATOMIC_MIN_U] = "min_u",
    [IR_ATOMIC_MAX_U] = "max_u", [IR_ATOMIC_SWAP] = "swap",
};
const char *const ir_fence_names[IR_FENCE_COUNT] = {
    [IR_FENCE_LOADS] = "loads",
    [IR_FENCE_STORES] = "stores",
    [IR_FENCE_ALL] = "all",
};
const char *const ir_hint_names[] = {
    [IR_HINT_NONE] = "none", [IR_HINT_LIKELY] = "likely", [IR_HINT_UNLIKELY] = "unlikely"};
const char *const ir_exit_names[] = {
    [IR_EXIT_JUMP] = "jump", [IR_EXIT_CALL] = "call", [IR_EXIT_RETURN] = "return", [IR_EXIT_MODE] = "mode"};
const char *const ir_rounding_names[IR_ROUNDING_COUNT] = {
    [FLOAT_NEAREST_EVEN] = "nearest", [FLOAT_DOWN] = "down",  [FLOAT_UP] = "up",           [FLOAT_TOWARD_ZERO] = "zero",
    [FLOAT_NEAREST_AWAY] = "away",    [FLOAT_TO_ODD] = "odd", [FLOAT_DYNAMIC] = "dynamic",
};

enum ir_type ir_required_type(const struct ir_unit *unit, const struct ir_instruction *i, unsigned index)
{
    const struct ir_op_description *d = &ir_ops[i->op];
    unsigned kind = index == 0 ? d->a : index == 1 ? d->b : d->c;

    switch (kind) {
    case IR_KIND_INT:
    case IR_KIND_FLOAT:
        return (enum ir_type)i->type;
    case IR_KIND_I32:
        return IR_I32;
    case IR_KIND_I64:
        return IR_I64;
    case IR_KIND_F32:
        return IR_F32;
    case IR_KIND_F64:
        return IR_F64;
    case IR_KIND_V128:
        return IR_V128;
    case IR_KIND_FLAGS:
        return IR_FLAGS;
    case IR_KIND_WORD:
        return (enum ir_type)unit->context->word_type;
    case IR_KIND_SAME:
        return ir_type_of(unit, i->a);
    case IR_KIND_ANY:
        if (i->op == IR_OP_write) {
            return (enum ir_type)unit->context->slots[i->a].type;
        }
        return d->result == IR_KIND_ANY ? (enum ir_type)i->type : IR_NONE;
    default:
        return IR_NONE;
    }
}

bool ir_operand_is_block(enum ir_op op, unsigned index)
{
    return (op == IR_OP_jump && index == 0) || (op == IR_OP_branch && index > 0);
}
