/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers for one instruction by its host plan, and its emission.
 *
 * Order: registers that will be clobbered are vacated; inputs that accept one register only; the other inputs;
 * temporaries; the result. A value that dies here gives its register to the result, except where the plan reads it
 * late. A value also dies here if the result, or what is made of it, is written over the only slot that has it (add x0,
 * x0, #1), and then the result takes its place: slots stay where they are, and a loop's header finds them there. */
#include "compiler.h"
#include "log.h"

#include <stddef.h>

enum { MAX_USES = 16 };

struct placement {
    struct compiler *c;
    struct host_plan plan;
    uint32_t numbers[HOST_MAX_INPUTS]; /* values of the inputs */
    uint32_t used[MAX_USES];           /* values consumed, once per use; constants are not counted */
    unsigned used_count;
    uint32_t overwritten; /* the value that dies because its slot is written next, or NO_VALUE */
};

static void visit_use(struct compiler *c, ir_ref ref, void (*visit)(struct compiler *c, uint32_t number, void *data),
                      void *data)
{
    if (!ir_is_constant(ref) && c->bits[ref] & IS_ABSORBED) {
        for_each_use(c, ref, visit, data);
    } else {
        visit(c, value_of(c, ref), data);
    }
}

void for_each_use(struct compiler *c, uint32_t index, void (*visit)(struct compiler *c, uint32_t number, void *data),
                  void *data)
{
    const struct ir_instruction *in = &c->unit->code[index];
    unsigned values = ir_value_operands[in->op];
    if (values & 1) {
        visit_use(c, in->a, visit, data);
    }
    if (values & 2) {
        visit_use(c, in->b, visit, data);
    }
    if (values & 4) {
        visit_use(c, in->c, visit, data);
    }
    for (uint32_t k = 0; k < ir_list_count(in); k++) {
        visit_use(c, c->unit->list[ir_list_start(in) + k], visit, data);
    }
}

static void collect_uses(struct placement *p, uint32_t index);

static inline void collect_use(struct placement *p, ir_ref ref)
{
    struct compiler *c = p->c;
    if (ref & IR_CONSTANT) {
        return;
    }
    if (c->bits[ref] & IS_ABSORBED) {
        collect_uses(p, ref);
        return;
    }
    struct value *v = &c->values[ref];
    uint32_t number = v->canon;
    KAGE_ASSERT(p->used_count < MAX_USES, "an instruction uses too many values");
    p->used[p->used_count++] = number;
    c->values[number].now++;
}

static inline __attribute__((always_inline)) void collect_operands(struct placement *p, const struct ir_instruction *in)
{
    unsigned operands = ir_value_operands[in->op];
    if (operands & 1) {
        collect_use(p, in->a);
    }
    if (operands & 2) {
        collect_use(p, in->b);
    }
    if (operands & 4) {
        collect_use(p, in->c);
    }
    if (ir_has_list(in)) {
        for (uint32_t k = 0; k < ir_list_count(in); k++) {
            collect_use(p, p->c->unit->list[ir_list_start(in) + k]);
        }
    }
}

static void collect_uses(struct placement *p, uint32_t index)
{
    collect_operands(p, &p->c->unit->code[index]);
}

static inline bool lives_on(const struct placement *p, uint32_t number)
{
    const struct value *v = &p->c->values[number];
    return v->left > v->now || (v->held && number != p->overwritten);
}

/* The value whose only slot this instruction's result is to replace, before anybody looks at it again. */
static uint32_t find_overwritten(const struct compiler *c, uint32_t index)
{
    unsigned wanted = c->wanted[index];
    uint32_t old = wanted ? c->pending[wanted - 1] : NO_VALUE;
    if (old == NO_VALUE || value_is_constant(c, old) || c->values[old].deferred || c->values[old].held != 1) {
        return NO_VALUE;
    }
    return old;
}

static bool is_single(host_mask mask)
{
    return mask && !(mask & (mask - 1));
}

static void vacate_clobbers(struct placement *p)
{
    struct compiler *c = p->c;
    for (host_mask rest = p->plan.clobbers; rest; rest &= rest - 1) {
        host_register reg = (host_register)__builtin_ctz(rest);
        if (c->registers[reg] != NO_VALUE && lives_on(p, c->registers[reg])) {
            register_vacate(c, reg, p->plan.clobbers);
        }
    }
}

/* A register with the value that this instruction may destroy or that must be a particular one while the value stays
 * elsewhere. */
static host_register copy_of_value(struct compiler *c, uint32_t number, host_mask mask)
{
    struct value *v = &c->values[number];
    host_register reg = allocate_register(c, mask);
    if (v->reg != HOST_NO_REGISTER) {
        c->host->move(&c->code, (enum ir_type)v->type, reg, v->reg);
    } else if (value_is_constant(c, number)) {
        c->host->load_constant(&c->code, reg, value_constant(c, number));
    } else {
        c->host->load(&c->code, (enum ir_type)v->type, reg, v->disp);
    }
    return reg;
}

static void place_in_register(struct placement *p, unsigned k)
{
    struct compiler *c = p->c;
    struct host_input *input = &p->plan.inputs[k];
    uint32_t number = p->numbers[k];
    const struct value *v = &c->values[number];
    host_mask mask = input->registers;
    bool stays = lives_on(p, number);
    host_register reg;
    if (stays && !(mask & ~p->plan.clobbers)) {
        register_vacate(c, (host_register)__builtin_ctz(mask), p->plan.clobbers);
        reg = copy_of_value(c, number, mask);
    } else if (v->reg != HOST_NO_REGISTER && c->locked >> v->reg & 1) {
        reg = copy_of_value(c, number, mask);
    } else {
        mask = stays ? mask & ~p->plan.clobbers : mask;
        if (is_single(mask)) {
            register_vacate(c, (host_register)__builtin_ctz(mask), p->plan.clobbers);
        }
        reg = value_into_register(c, number, mask);
    }
    c->locked |= 1u << reg;
    input->place = (struct host_place){.kind = HOST_IN_REGISTER, .reg = reg};
}

static void place_input_elsewhere(struct placement *p, unsigned k)
{
    struct compiler *c = p->c;
    struct host_input *input = &p->plan.inputs[k];
    const struct value *v = &c->values[p->numbers[k]];
    bool only_memory = input->may_state && input->registers == 0;
    if (only_memory && !v->in_state) {
        log_fatal("a host demands an operand in memory");
    }
    if (input->may_state && v->in_state && v->reg == HOST_NO_REGISTER && (v->left == 1 || only_memory)) {
        input->place = (struct host_place){.kind = HOST_IN_STATE, .disp = v->disp};
        return;
    }
    place_in_register(p, k);
}

static inline void place_input(struct placement *p, unsigned k)
{
    struct compiler *c = p->c;
    struct host_input *input = &p->plan.inputs[k];
    uint32_t number = p->numbers[k];
    host_register reg = c->values[number].reg;
    if (input->may_constant && value_is_constant(c, number)) {
        input->place = (struct host_place){.kind = HOST_IS_CONSTANT};
    } else if (reg != HOST_NO_REGISTER && input->registers >> reg & 1) {
        c->touched[reg] = ++c->clock;
        c->locked |= 1u << reg;
        input->place = (struct host_place){.kind = HOST_IN_REGISTER, .reg = reg};
    } else {
        place_input_elsewhere(p, k);
    }
}

/* The operand that dies becomes the tied one. */
static void exchange_inputs(struct placement *p)
{
    struct host_input *inputs = p->plan.inputs;
    if (!lives_on(p, p->numbers[0]) || lives_on(p, p->numbers[1]) || value_is_constant(p->c, p->numbers[1])) {
        return;
    }
    uint32_t number = p->numbers[0];
    ir_ref value = inputs[0].value;
    p->numbers[0] = p->numbers[1];
    inputs[0].value = inputs[1].value;
    p->numbers[1] = number;
    inputs[1].value = value;
}

/* Inputs that accept one register only go first. */
static void place_inputs(struct placement *p)
{
    struct host_plan *plan = &p->plan;
    unsigned count = plan->input_count, others = 0;
    if (plan->commutes && plan->tied == 0) {
        exchange_inputs(p);
    }
    if (!p->c->host->demands_registers) {
        for (unsigned k = 0; k < count; k++) {
            place_input(p, k);
        }
        return;
    }
    for (unsigned k = 0; k < count; k++) {
        if (is_single(plan->inputs[k].registers)) {
            place_input(p, k);
        } else {
            others |= 1u << k;
        }
    }
    for (; others; others &= others - 1) {
        place_input(p, (unsigned)__builtin_ctz(others));
    }
}

static void place_temporary(struct placement *p, unsigned k)
{
    struct host_plan *plan = &p->plan;
    host_mask mask = plan->temporary_masks[k];
    if (is_single(mask)) {
        register_vacate(p->c, (host_register)__builtin_ctz(mask), plan->clobbers);
    }
    plan->temporaries[k] = allocate_register(p->c, mask);
    p->c->locked |= 1u << plan->temporaries[k];
}

static void place_temporaries(struct placement *p)
{
    const struct host_plan *plan = &p->plan;
    unsigned others = 0;
    for (unsigned k = 0; k < plan->temporary_count; k++) {
        if (is_single(plan->temporary_masks[k])) {
            place_temporary(p, k);
        } else {
            others |= 1u << k;
        }
    }
    for (; others; others &= others - 1) {
        place_temporary(p, (unsigned)__builtin_ctz(others));
    }
}

/* Registers of inputs that end here and that the result may overwrite. */
static inline __attribute__((always_inline)) host_mask find_dying(const struct placement *p)
{
    const struct host_plan *plan = &p->plan;
    host_mask dying = 0, late = 0;
    for (unsigned k = 0; k < plan->input_count; k++) {
        const struct host_input *input = &plan->inputs[k];
        if (input->place.kind != HOST_IN_REGISTER) {
            continue;
        }
        host_mask bit = 1u << input->place.reg;
        uint32_t holder = p->c->registers[input->place.reg];
        if (input->late) {
            late |= bit;
        } else if (holder == NO_VALUE || !lives_on(p, holder)) {
            dying |= bit;
        }
    }
    return dying & ~late;
}

/* Where the slot that wants the result is, or has been at the loop's header: a mask of at most one register. */
static host_mask find_wanted(const struct placement *p)
{
    const struct compiler *c = p->c;
    uint32_t index = p->plan.index;
    if (p->overwritten != NO_VALUE && c->values[p->overwritten].reg != HOST_NO_REGISTER) {
        const struct value *old = &c->values[p->overwritten];
        return old->left == old->now ? 1u << old->reg : 0;
    }
    host_register reg =
        c->loops && index == c->current && c->wanted[index] ? loop_register(c, c->wanted[index] - 1u) : HOST_NO_REGISTER;
    return reg == HOST_NO_REGISTER ? 0 : c->vacant & 1u << reg;
}

/* A register for the result that no input gives. An instruction that may fault after its first write must not destroy
   the old value: of those only loads write once. */
static host_register choose_result(struct placement *p, host_mask wanted)
{
    struct compiler *c = p->c;
    const struct ir_instruction *in = &c->unit->code[p->plan.index];
    host_mask mask = p->plan.result_registers & ~c->locked;
    if (is_single(p->plan.result_registers)) {
        register_vacate(c, (host_register)__builtin_ctz(mask), p->plan.clobbers);
    } else if (mask & wanted && (in->op == IR_OP_load || !(ir_effects(c->unit, in) & IR_FAULT))) {
        return (host_register)__builtin_ctz(mask & wanted);
    }
    return allocate_register(c, mask);
}

static void place_result(struct placement *p)
{
    struct compiler *c = p->c;
    struct host_plan *plan = &p->plan;
    host_mask mask = plan->result_registers;
    if (!mask) {
        plan->result = HOST_NO_REGISTER;
        return;
    }
    host_mask dying = find_dying(p), wanted = find_wanted(p);
    if (plan->tied >= 0) {
        struct host_input *input = &plan->inputs[plan->tied];
        KAGE_ASSERT(input->place.kind == HOST_IN_REGISTER, "a tied operand is in a register");
        if (dying & mask & 1u << input->place.reg) {
            plan->result = input->place.reg;
            return;
        }
        /* Another input that dies must not become the copy: it is still to be read. */
        plan->result = choose_result(p, wanted);
        c->host->move(&c->code, (enum ir_type)c->values[p->numbers[plan->tied]].type, plan->result, input->place.reg);
        input->place.reg = plan->result;
        return;
    }
    if (dying & mask) {
        dying &= dying & mask & wanted ? wanted : UINT32_MAX;
        plan->result = (host_register)__builtin_ctz(dying & mask);
        return;
    }
    plan->result = choose_result(p, wanted);
}

/* The second result's register: what its slot has at a loop's header, one that an input leaves, or any. */
static void place_second(struct placement *p)
{
    struct compiler *c = p->c;
    host_mask result = 1u << p->plan.result, dying = find_dying(p) & p->plan.second_registers & ~result;
    unsigned wanted = c->wanted[p->plan.absorbed];
    host_register reg = c->loops && wanted ? loop_register(c, wanted - 1) : HOST_NO_REGISTER;
    /* A slot may have it by way of another class: then its register is none for this. */
    if (reg == HOST_NO_REGISTER || !((c->vacant | dying) & p->plan.second_registers & ~result & 1u << reg)) {
        reg = dying ? (host_register)__builtin_ctz(dying) : HOST_NO_REGISTER;
    }
    c->locked |= result;
    p->plan.second = reg != HOST_NO_REGISTER ? reg : allocate_register(c, p->plan.second_registers);
}

static void take_second(struct compiler *c, uint32_t number, host_register reg)
{
    uint32_t loser = c->registers[reg];
    if (loser != NO_VALUE) {
        KAGE_ASSERT(value_is_constant(c, loser) || c->values[loser].in_state, "a result destroys a value");
        value_set_register(c, loser, HOST_NO_REGISTER);
    }
    value_set_register(c, number, reg);
}

static void take_result(struct placement *p)
{
    struct compiler *c = p->c;
    host_register reg = p->plan.result;
    uint32_t index = p->plan.index;
    struct value *v = &c->values[index];
    for (host_mask rest = p->plan.clobbers; rest; rest &= rest - 1) {
        host_register clobbered = (host_register)__builtin_ctz(rest);
        if (c->registers[clobbered] != NO_VALUE) {
            value_set_register(c, c->registers[clobbered], HOST_NO_REGISTER);
        }
    }
    if (reg == HOST_NO_REGISTER) {
        return;
    }
    if (c->registers[reg] != NO_VALUE) {
        uint32_t loser = c->registers[reg];
        KAGE_ASSERT(value_is_constant(c, loser) || c->values[loser].in_state, "a result destroys a value");
        value_set_register(c, loser, HOST_NO_REGISTER);
    }
    if (v->left || v->reg != HOST_NO_REGISTER) {
        value_set_register(c, index, v->left ? reg : HOST_NO_REGISTER);
    }
}

static void find_values(struct placement *p)
{
    struct compiler *c = p->c;
    const struct host_input *input = p->plan.inputs;
    for (unsigned k = 0, count = p->plan.input_count; k < count; k++, input++) {
        uint32_t number = value_of(c, input->value);
        p->numbers[k] = number;
        if (c->values[number].deferred) {
            value_materialize(c, number);
        }
    }
}

void emit_instruction(struct compiler *c, uint32_t index)
{
    struct placement p; /* large: only what is read is set */
    host_mask locked_before = c->locked;
    p.c = c;
    p.used_count = 0;
    c->host->plan(&c->code, index, c->values[index].absorbed, &p.plan);
    find_values(&p);
    collect_operands(&p, &c->unit->code[index]);
    if (p.plan.second_registers) {
        collect_operands(&p, &c->unit->code[p.plan.absorbed]);
    }
    p.overwritten = index == c->current ? find_overwritten(c, index) : NO_VALUE;
    if (p.plan.clobbers) {
        vacate_clobbers(&p);
    }
    place_inputs(&p);
    if (p.plan.temporary_count) {
        place_temporaries(&p);
    }
    place_result(&p);
    if (p.plan.second_registers) {
        place_second(&p);
    }
    p.plan.emit(&c->code, &p.plan);
    c->locked = locked_before;
    for (unsigned i = 0; i < p.used_count; i++) {
        c->values[p.used[i]].now--;
        value_use_done(c, p.used[i]);
    }
    if (p.overwritten != NO_VALUE) {
        slot_drop(c, c->wanted[index] - 1u);
    }
    take_result(&p);
    if (p.plan.second_registers) {
        take_second(c, p.plan.absorbed, p.plan.second);
    }
}

void value_materialize(struct compiler *c, uint32_t number)
{
    struct value *v = &c->values[number];
    v->deferred = false;
    v->left++; /* keeps the result in its register although only slots want it */
    emit_instruction(c, number);
    v->left--;
    c->version++;
}
