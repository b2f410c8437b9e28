/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IR as text. README.md describes the form; parser.c reads it back. */
#include "names.h"

#include <inttypes.h>

static void print_ref(FILE *file, const struct ir_unit *unit, ir_ref ref, enum ir_type implied)
{
    if (!ir_is_constant(ref)) {
        fprintf(file, "%%%" PRIu32, ref);
        return;
    }
    const struct ir_constant *c = ir_constant_of(unit, ref);
    if (c->type == IR_V128) {
        fprintf(file, "#v128:0x%" PRIx64 ":0x%" PRIx64, c->value.u64[1], c->value.u64[0]);
    } else if (c->type == implied) {
        fprintf(file, "#0x%" PRIx64, c->value.i64);
    } else {
        fprintf(file, "#%s:0x%" PRIx64, ir_type_name((enum ir_type)c->type), c->value.i64);
    }
}

static void print_round(FILE *file, uint16_t aux)
{
    fprintf(file, "%s%s%s", ir_rounding_names[aux & IR_ROUND_MODE], aux & IR_ROUND_SIGNED ? ".signed" : "",
            aux & IR_ROUND_INEXACT ? ".inexact" : "");
}

/* What stands between the operation and its operands. */
static void print_aux_before(FILE *file, const struct ir_instruction *i)
{
    uint16_t aux = i->aux;

    switch (ir_ops[i->op].aux) {
    case IR_AUX_WIDTH:
    case IR_AUX_COUNT:
        fprintf(file, " %u", aux);
        break;
    case IR_AUX_FIELD:
        fprintf(file, " %u+%u", ir_field_lsb(aux), ir_field_width(aux));
        break;
    case IR_AUX_COND:
        fprintf(file, " %s", ir_cond_names[aux]);
        break;
    case IR_AUX_FLAG_COND:
        fprintf(file, " %s", ir_flag_cond_names[aux]);
        break;
    case IR_AUX_FCOND:
        fprintf(file, " %s%s", ir_fcond_names[aux & 7], aux & IR_FCOND_SIGNALING ? ".signaling" : "");
        break;
    case IR_AUX_SIGNALING:
        fprintf(file, " %s", aux ? "signaling" : "quiet");
        break;
    case IR_AUX_FENCE:
        fprintf(file, " %s", ir_fence_names[aux]);
        break;
    case IR_AUX_LANE:
        fprintf(file, " x%u", 8u << ir_lane(aux));
        break;
    case IR_AUX_LANE_INDEX:
    case IR_AUX_LANE_COUNT:
        fprintf(file, " x%u:%u", 8u << ir_lane(aux), ir_index(aux));
        break;
    case IR_AUX_LANE_ROUND:
        fprintf(file, " x%u.", 8u << ir_round_lane(aux));
        print_round(file, aux);
        break;
    case IR_AUX_ROUND:
        fputc(' ', file);
        print_round(file, aux);
        break;
    default:
        break;
    }
}

static void print_memop(FILE *file, uint16_t aux)
{
    fprintf(file, "%c%u%s%s%s", aux & IR_MEM_SIGNED ? 's' : 'u', ir_mem_bytes(aux) * 8, aux & IR_MEM_BIG ? ".be" : "",
            aux & IR_MEM_ACQUIRE ? ".acq" : "", aux & IR_MEM_RELEASE ? ".rel" : "");
    if (aux & IR_MEM_ALIGN) {
        fprintf(file, ".align%u", ir_mem_align(aux));
    }
    fputs(aux & IR_MEM_UNPRIVILEGED ? ".user" : "", file);
}

/* What follows the operands. */
static void print_aux_after(FILE *file, const struct ir_instruction *i)
{
    switch (ir_ops[i->op].aux) {
    case IR_AUX_ATOMIC:
        fprintf(file, ", %s.", ir_atomic_names[ir_mem_atomic(i->aux)]);
        print_memop(file, i->aux);
        break;
    case IR_AUX_MEMOP:
        fputs(", ", file);
        print_memop(file, i->aux);
        break;
    case IR_AUX_HINT:
        if (i->aux) {
            fprintf(file, ", %s", ir_hint_names[i->aux]);
        }
        break;
    case IR_AUX_EXIT:
        fprintf(file, " %s", ir_exit_names[i->aux]);
        break;
    default:
        break;
    }
}

static void print_list(FILE *file, const struct ir_unit *unit, const struct ir_instruction *i)
{
    fputc('(', file);
    for (uint32_t k = 0; k < ir_list_count(i); k++) {
        fputs(k ? ", " : "", file);
        print_ref(file, unit, unit->list[ir_list_start(i) + k], IR_NONE);
    }
    fputc(')', file);
}

static void print_operands(FILE *file, const struct ir_unit *unit, const struct ir_instruction *i)
{
    const struct ir_op_description *d = &ir_ops[i->op];
    const uint8_t kinds[3] = {d->a, d->b, d->c};
    const uint32_t operands[3] = {i->a, i->b, i->c};
    bool call_target = d->aux == IR_AUX_EXIT && i->aux != IR_EXIT_CALL; /* its b repeats a */

    for (unsigned k = 0; k < 3 && kinds[k] != IR_KIND_NONE && !(k == 1 && call_target); k++) {
        fputs(k ? ", " : " ", file);
        if (kinds[k] == IR_KIND_LIST) {
            print_list(file, unit, i);
        } else if (ir_operand_is_value((enum ir_op)i->op, k)) {
            print_ref(file, unit, operands[k], ir_required_type(unit, i, k));
        } else if (ir_operand_is_block((enum ir_op)i->op, k)) {
            fprintf(file, "block %" PRIu32, operands[k]);
        } else {
            fprintf(file, "%" PRId32, (int32_t)operands[k]);
        }
    }
}

static void print_body(FILE *file, const struct ir_unit *unit, const struct ir_instruction *i)
{
    const struct ir_context *context = unit->context;

    switch (i->op) {
    case IR_OP_read:
        fprintf(file, " %s", context->slots[i->a].name);
        if (i->aux) {
            fprintf(file, "+%u", i->aux);
        }
        break;
    case IR_OP_drop:
        fprintf(file, " %s", context->slots[i->a].name);
        break;
    case IR_OP_write:
        fprintf(file, " %s, ", context->slots[i->a].name);
        print_ref(file, unit, i->b, ir_required_type(unit, i, 1));
        break;
    case IR_OP_mark:
        fprintf(file, " 0x%" PRIx64 " %u", i->a | (uint64_t)i->b << 32, i->aux);
        break;
    case IR_OP_call:
        fprintf(file, " %s", context->helpers[i->a].name);
        print_list(file, unit, i);
        break;
    default:
        print_aux_before(file, i);
        print_operands(file, unit, i);
        print_aux_after(file, i);
        break;
    }
}

static void print_instruction(FILE *file, const struct ir_unit *unit, uint32_t index)
{
    const struct ir_instruction *i = &unit->code[index];

    fputs("  ", file);
    if (i->type != IR_NONE) {
        fprintf(file, "%%%" PRIu32 " = %s.%s", index, ir_ops[i->op].name, ir_type_name((enum ir_type)i->type));
    } else {
        fputs(ir_ops[i->op].name, file);
    }
    print_body(file, unit, i);
    fputc('\n', file);
}

void ir_print(FILE *file, const struct ir_unit *unit)
{
    fprintf(file, "unit %s pc=0x%" PRIx64 "\n", unit->context->guest_name, unit->pc);
    for (uint32_t k = 0; k < unit->layout_count; k++) {
        const struct ir_block *block = &unit->blocks[unit->layout[k]];
        fprintf(file, "block %" PRIu32 ":\n", unit->layout[k]);
        for (uint32_t index = block->first; index < block->end; index++) {
            print_instruction(file, unit, index);
        }
    }
}
