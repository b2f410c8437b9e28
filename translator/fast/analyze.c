/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The backward pass: which instructions are needed, by whom.
 *
 * A write to a slot is dead if the slot is written again before anybody could look: exits, helpers that read state and
 * instructions that may fault. For flags a fault counts only if the guest reads them between it and their next write,
 * which a read tells even if its value is not used. Otherwise a signal frame may show older flags, which the
 * interrupted code can never see. */
#include "compiler.h"
#include "log.h"

enum { IS_FLAGS = 0x80000000 };

struct analysis {
    struct compiler *c;
    const struct ir_instruction *code;
    struct value *values;
    uint8_t *bits;
    const uint16_t *uses;
    uint32_t epoch;
    uint32_t *overwritten;             /* by slot: the epoch in which a later write was seen; of flags: IS_FLAGS and their index */
    uint8_t flags_live;                /* bit per flag slot, at the point reached: read from there on */
    uint8_t flags_seen;                /* the same: the guest looks at them, they are live at faults */
    uint8_t *block_flags, *block_seen; /* by block: the two at its start */
};

static int flag_index(const struct analysis *a, unsigned slot)
{
    return a->overwritten[slot] & IS_FLAGS ? (int)(a->overwritten[slot] & ~IS_FLAGS) : -1;
}

/* Whether a target of a branch may need flags, for all that is known at once. The entry does not by itself, nor the
   block that follows and is looked at next. */
static bool needs_flags(const struct analysis *a, uint32_t target, uint32_t next)
{
    const struct ir_unit *unit = a->c->unit;
    uint32_t first = unit->blocks[target].first;
    bool drops = unit->code[first].op == IR_OP_drop && flag_index(a, unit->code[first].a) >= 0 && a->c->flag_count == 1;
    return target != 0 && first != next && !drops;
}

/* Flags that block 0 needs from the iteration before it: the first access on the way decides. */
static uint8_t flags_live_at_entry(struct analysis *a)
{
    const struct ir_unit *unit = a->c->unit;
    uint8_t undecided = (uint8_t)((1u << a->c->flag_count) - 1), live = 0;
    for (uint32_t i = 0; i < unit->count && undecided; i++) {
        const struct ir_instruction *in = &unit->code[i];
        int flag = in->op == IR_OP_read || in->op == IR_OP_write || in->op == IR_OP_drop ? flag_index(a, in->a) : -1;
        if (flag >= 0) {
            live |= in->op == IR_OP_read ? undecided & 1u << flag : 0;
            undecided &= (uint8_t) ~(1u << flag);
        } else if (in->op == IR_OP_branch) {
            if (needs_flags(a, in->b, i + 1) || needs_flags(a, in->c, i + 1)) {
                return live | undecided;
            }
        } else if (in->op == IR_OP_jump) {
            return in->a == 0 ? live : (uint8_t)(live | undecided);
        } else if (ir_effects(unit, in) & (IR_STATE_READ | IR_END) && in->op != IR_OP_read) {
            return live | undecided;
        }
    }
    return live;
}

/* What the end of a block says of flags: they are live if a successor needs them. */
static void visit_end(struct analysis *a, const struct ir_instruction *in)
{
    uint8_t all = (uint8_t)((1u << a->c->flag_count) - 1);
    a->epoch++;
    if (in->op == IR_OP_jump) {
        a->flags_live = a->block_flags[in->a];
        a->flags_seen = a->block_seen[in->a];
    } else if (in->op == IR_OP_branch) {
        a->flags_live = a->block_flags[in->b] | a->block_flags[in->c];
        a->flags_seen = a->block_seen[in->b] | a->block_seen[in->c];
    } else {
        a->flags_live = all;
    }
}

static inline bool visit_write(struct analysis *a, const struct ir_instruction *in)
{
    uint32_t seen = a->overwritten[in->a];
    if (seen & IS_FLAGS) {
        uint8_t flag = (uint8_t)(1u << (seen & ~IS_FLAGS));
        bool live = a->flags_live & flag;
        a->flags_live &= (uint8_t)~flag;
        a->flags_seen &= (uint8_t)~flag;
        return live;
    }
    a->overwritten[in->a] = a->epoch;
    return seen != a->epoch;
}

static inline void visit_read(struct analysis *a, const struct ir_instruction *in, bool used)
{
    uint32_t seen = a->overwritten[in->a];
    if (seen & IS_FLAGS) {
        uint8_t flag = (uint8_t)(1u << (seen & ~IS_FLAGS));
        a->flags_live |= used ? flag : 0;
        a->flags_seen |= flag;
    } else if (used) {
        a->overwritten[in->a] = 0;
    }
}

static void use_operands(struct analysis *a, uint32_t index, uint32_t user);

/* A comparison of floats raises exceptions; its user may do it if nothing between them could tell: no fault, nothing
   that reads or clears the status. */
static bool may_move_to(const struct compiler *c, ir_ref made, uint32_t user)
{
    enum { FAR_ENOUGH = 24 };
    const struct ir_instruction *code = c->unit->code;
    if (code[made].op != IR_OP_fcmp || user - made > FAR_ENOUGH) {
        return false;
    }
    for (uint32_t k = made + 1; k < user; k++) {
        if (ir_effects(c->unit, &code[k]) & (IR_FAULT | IR_END) || code[k].op == IR_OP_call ||
            code[k].op == IR_OP_fenv_read || code[k].op == IR_OP_fenv_write) {
            return false;
        }
    }
    return true;
}

/* One operand of `index` that may be absorbed; user is the instruction that is really emitted. */
static void use_or_absorb(struct analysis *a, ir_ref ref, uint32_t index, uint32_t user)
{
    struct compiler *c = a->c;
    const struct ir_instruction *made = &c->unit->code[ref];
    bool movable = ir_ops[made->op].effects == IR_PURE || may_move_to(c, ref, user);
    if (movable && c->host->absorbs(&c->code, index, ref)) {
        c->bits[ref] |= IS_ABSORBED;
        if (index == user && c->values[user].absorbed == IR_NO_REF) {
            c->values[user].absorbed = ref;
        }
        use_operands(a, ref, user);
        return;
    }
    c->values[ref].left++;
}

/* The sum of two values that a load at it overwrites: only faults up to there want it, and they have its recipe. */
static bool is_passing_address(const struct analysis *a, ir_ref ref, uint32_t index)
{
    const struct ir_instruction *sum = &a->code[ref], *write = sum + 1;
    if (sum->op != IR_OP_add || sum->type != IR_I64 || a->code[index].op != IR_OP_load || a->c->writes[ref] != 1 ||
        write->op != IR_OP_write || write->b != ref || ir_is_constant(sum->a) || ir_is_constant(sum->b)) {
        return false;
    }
    return a->overwritten[write->a] == a->epoch - 1 && a->code[sum->a].op != IR_OP_shl && a->code[sum->b].op != IR_OP_shl &&
           a->c->host->absorbs(&a->c->code, index, ref);
}

static inline void use_value(struct analysis *a, ir_ref ref, uint32_t index, uint32_t user, bool may_absorb)
{
    if (ref & IR_CONSTANT) {
        return;
    }
    if (may_absorb && a->uses[ref] == 1) {
        use_or_absorb(a, ref, index, user);
    } else if (may_absorb && a->uses[ref] == 2 && index == user && is_passing_address(a, ref, index)) {
        a->bits[ref] |= IS_ABSORBED | IS_DEFERRED;
        a->values[user].absorbed = ref;
        use_operands(a, ref, user);
    } else {
        a->values[ref].left++;
    }
}

static void use_operands(struct analysis *a, uint32_t index, uint32_t user)
{
    const struct ir_instruction *in = &a->code[index];
    unsigned operands = ir_value_operands[in->op];
    unsigned absorbable = a->bits[index] & IS_DEFERRED ? 0 : a->c->host->absorbers[in->op];
    if (operands & 1) {
        use_value(a, in->a, index, user, absorbable & 1);
    }
    if (operands & 2) {
        use_value(a, in->b, index, user, absorbable & 2);
    }
    if (operands & 4) {
        use_value(a, in->c, index, user, absorbable & 4);
    }
    if (ir_has_list(in)) {
        for (uint32_t k = 0; k < ir_list_count(in); k++) {
            use_value(a, a->c->unit->list[ir_list_start(in) + k], index, user, false);
        }
    }
}

/* The result is wanted in place of what a slot has until now. That is possible if nobody looks at the slot before it is
   written; then it is also wanted of the operand that the host may turn into the result. */
static void pass_on_want(struct analysis *a, const struct ir_instruction *in, uint32_t index)
{
    struct compiler *c = a->c;
    if (a->overwritten[c->wanted[index] - 1] != a->epoch) {
        c->wanted[index] = 0;
        return;
    }
    unsigned operands = ir_value_operands[in->op];
    bool commutes = in->op == IR_OP_add || in->op == IR_OP_and || in->op == IR_OP_or || in->op == IR_OP_xor;
    if (ir_ops[in->op].effects != IR_PURE || !(operands & 1)) {
        return;
    }
    bool first = !ir_is_constant(in->a) && a->values[in->a].left == 0;
    bool second = commutes && !ir_is_constant(in->b) && a->values[in->b].left == 0;
    if (second && (!first || in->b > in->a)) { /* the one made later is less likely to be wanted before this one */
        c->wanted[in->b] = c->wanted[index];
    } else if (first) {
        c->wanted[in->a] = c->wanted[index];
    }
}

static bool is_product(unsigned op)
{
    return op == IR_OP_mul || op == IR_OP_mulhu || op == IR_OP_mulhs;
}

/* Two halves of one product: the first one makes the second, too. What comes first is met last: it agrees by then, or
 * is dead. */
static void pair_products(struct analysis *a, const struct ir_instruction *in, uint32_t index)
{
    enum { FAR_ENOUGH = 24 };
    struct value *values = a->values;
    if (values[index].absorbed != IR_NO_REF) {
        a->bits[values[index].absorbed] |= IS_MADE_EARLY;
        return;
    }
    if (ir_is_constant(in->b)) {
        return;
    }
    for (uint32_t n = 1; n <= FAR_ENOUGH && n <= index; n++) {
        const struct ir_instruction *first = in - n;
        if (ir_ops[first->op].effects & IR_END) {
            return; /* another block */
        }
        if (is_product(first->op) && first->type == in->type && (first->op == IR_OP_mul) != (in->op == IR_OP_mul) &&
            first->a == in->a && first->b == in->b) {
            values[index - n].absorbed = index;
            return;
        }
    }
}

/* Any instruction but a read, a write, a drop or a mark. */
static void visit_operation(struct analysis *a, const struct ir_instruction *in, uint32_t index)
{
    struct compiler *c = a->c;
    unsigned effects = ir_ops[in->op].effects;
    if (in->op == IR_OP_call) {
        effects = ir_effects(c->unit, in);
        a->flags_live |= effects & IR_STATE_READ ? (uint8_t)((1u << c->flag_count) - 1) : 0;
    }
    if ((effects & ~IR_STATE_READ) == 0 && a->values[index].left == 0 && ir_ops[in->op].result) {
        a->bits[index] |= IS_DEAD; /* makes a value nobody wants and does nothing else */
        return;
    }
    bool only_slots = c->writes[index] && c->writes[index] == a->uses[index];
    if (only_slots && (c->host->is_deferrable(c->unit, in) ||
                       (!(a->bits[index] & IS_LASTING) && c->host->is_simple(c->unit, in)))) {
        a->bits[index] |= IS_DEFERRED;
    }
    if (c->wanted[index]) {
        pass_on_want(a, in, index);
    }
    if (effects & IR_END) {
        visit_end(a, in);
    } else if (effects & (IR_FAULT | IR_STATE_READ | IR_STATE_WRITE)) {
        a->epoch++;
        a->flags_live |= effects & IR_FAULT ? a->flags_seen : 0;
    }
    use_operands(a, index, index);
    if (is_product(in->op) && c->host->makes_products) {
        pair_products(a, in, index);
    }
}

static void visit_block(struct analysis *a, const struct ir_block *block)
{
    struct value *values = a->values;
    uint8_t *bits = a->bits;
    uint32_t first = block->first;
    const struct ir_instruction *in = a->code + block->end;
    bool lasts;
    for (uint32_t i = block->end; i-- > first;) {
        in--;
        switch (in->op) {
        case IR_OP_mark:
            break;
        case IR_OP_drop:
            visit_write(a, in);
            break;
        case IR_OP_write:
            lasts = !a->overwritten[in->a];
            if (!visit_write(a, in)) {
                bits[i] = IS_DEAD;
            } else if (!(in->b & IR_CONSTANT)) {
                bits[in->b] |= lasts ? IS_LASTING : 0;
                values[in->b].left++;
                a->c->wanted[in->b] = (uint16_t)(in->a + 1);
            }
            break;
        case IR_OP_read:
            if (values[i].left) {
                visit_read(a, in, true);
            } else {
                visit_read(a, in, false);
                bits[i] = IS_DEAD;
            }
            break;
        default:
            if (!(bits[i] & IS_ABSORBED)) {
                visit_operation(a, in, i);
            } else if (bits[i] & IS_DEFERRED) { /* a passing address: also its slot's */
                bits[i] &= values[i].left ? 0xff : (uint8_t)~IS_DEFERRED;
                if (values[i].left) {
                    use_operands(a, i, i);
                }
            }
            break;
        }
    }
}

/* ---- loops: uses that will not be ---- */

static void forget_use(struct compiler *c, ir_ref ref)
{
    if (!ir_is_constant(ref)) {
        c->uses[ref]--;
    }
}

/* A pure instruction without a use: it uses nothing either. */
static void forget_operands(struct compiler *c, const struct ir_instruction *in)
{
    unsigned operands = ir_value_operands[in->op];
    if (operands & 1) {
        forget_use(c, in->a);
    }
    if (operands & 2) {
        forget_use(c, in->b);
    }
    if (operands & 4) {
        forget_use(c, in->c);
    }
}

static void forget_dead_uses_in(struct analysis *a, const struct ir_block *block)
{
    struct compiler *c = a->c;
    for (uint32_t i = block->end; i-- > block->first;) {
        const struct ir_instruction *in = &a->code[i];
        unsigned effects = in->op == IR_OP_call ? ir_effects(c->unit, in) : ir_ops[in->op].effects;
        if (in->op == IR_OP_read) {
            a->overwritten[in->a] = flag_index(a, in->a) < 0 && c->uses[i] ? 0 : a->overwritten[in->a];
        } else if (in->op == IR_OP_write && flag_index(a, in->a) < 0) {
            if (a->overwritten[in->a] == a->epoch && !ir_is_constant(in->b)) {
                c->uses[in->b]--;
                c->writes[in->b]--;
            }
            a->overwritten[in->a] = a->epoch;
        } else if (in->op == IR_OP_mark || in->op == IR_OP_write || in->op == IR_OP_drop) {
            continue;
        } else if (effects & (IR_END | IR_FAULT | IR_STATE_READ | IR_STATE_WRITE)) {
            a->epoch++;
        } else if (effects == IR_PURE && !c->uses[i] && !ir_has_list(in)) {
            forget_operands(c, in);
        }
    }
}

/* Writes that are overwritten unseen count as uses until the backward pass meets them, which for those ahead of a
   value's real user is too late: what has one use may be absorbed. In loops that is worth a pass of its own. */
static void forget_dead_uses(struct analysis *a)
{
    const struct ir_unit *unit = a->c->unit;
    for (uint32_t l = unit->layout_count; l-- > 0;) {
        forget_dead_uses_in(a, &unit->blocks[unit->layout[l]]);
    }
    a->epoch++;
}

void analyze_unit(struct compiler *c)
{
    const struct ir_unit *unit = c->unit;
    unsigned slots = unit->context->slot_count;
    struct analysis a = {
        .c = c, .code = unit->code, .values = c->values, .bits = c->bits, .uses = c->uses, .epoch = 1};
    a.overwritten = arena_alloc_zero(c->arena, slots * sizeof *a.overwritten, 4);
    for (unsigned i = 0; i < c->flag_count; i++) {
        a.overwritten[c->flag_slots[i]] = IS_FLAGS | i;
    }
    a.block_flags = arena_alloc_zero(c->arena, 2 * unit->block_count, 1);
    a.block_seen = a.block_flags + unit->block_count;
    a.block_flags[0] = a.block_seen[0] = c->loops ? flags_live_at_entry(&a) : 0;
    c->entry_flags = a.block_flags[0];
    if (c->loops) {
        forget_dead_uses(&a);
    }
    for (uint32_t l = unit->layout_count; l-- > 0;) {
        uint32_t number = unit->layout[l];
        visit_block(&a, &unit->blocks[number]);
        if (number != 0) {
            a.block_flags[number] = a.flags_live;
            a.block_seen[number] = a.flags_seen;
        }
    }
}
