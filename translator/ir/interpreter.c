/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a unit: values, guest state, control. What an operation computes is in interpreter_<subject>.c. */
#include "interpreter.h"
#include "evaluate.h"
#include "host_address.h"
#include "log.h"

static ir_evaluator *find_evaluator(enum ir_op op)
{
    ir_evaluator *found = ir_integer_evaluators[op];
    found = found ? found : ir_float_evaluators[op];
    found = found ? found : ir_vector_evaluators[op];
    return found ? found : ir_crypto_evaluators[op];
}

union ir_value ir_evaluate(enum ir_op op, enum ir_type type, enum ir_type operand_type, uint16_t aux, union ir_value a,
                           union ir_value b, union ir_value c, const struct float_rules *rules,
                           struct float_status *status)
{
    struct ir_evaluation e = {op, type, operand_type, aux, a, b, c, rules, status};
    ir_evaluator *evaluator = find_evaluator(op);
    KAGE_ASSERT(evaluator, "only pure and FENV operations are evaluated by themselves");
    return evaluator(&e);
}

struct run {
    const struct ir_unit *unit;
    struct cpu_header *state;
    union ir_value *values;
    struct ir_aside *aside; /* NULL: memory itself is used */
    struct ir_exit exit;
    uint32_t next; /* index of the next instruction */
    bool left;     /* exit is set */
};

static union ir_value value_of(const struct run *run, ir_ref ref)
{
    return ir_is_constant(ref) ? ir_constant_of(run->unit, ref)->value : run->values[ref];
}

static void *slot_place(const struct run *run, unsigned slot)
{
    return (uint8_t *)run->state + run->unit->context->slots[slot].offset;
}

static void write_pc(const struct run *run, uint64_t pc)
{
    const struct ir_context *context = run->unit->context;
    memcpy(slot_place(run, context->pc_slot), &pc, ir_type_bytes((enum ir_type)context->word_type));
}

static void leave(struct run *run, struct ir_exit exit)
{
    run->exit = exit;
    run->left = true;
}

static void enter_block(struct run *run, uint32_t block)
{
    if (block == 0 && run->state->event) {
        write_pc(run, run->unit->pc);
        leave(run, (struct ir_exit){.kind = IR_LEFT_GOTO, .hint = IR_EXIT_JUMP});
    } else if (block == 0 && run->aside && run->aside->loops-- == 0) {
        leave(run, (struct ir_exit){.kind = IR_LEFT_UNFINISHED});
    }
    run->next = run->unit->blocks[block].first;
}

/* ---- memory ---- */

/* Where the access goes. False if it breaks its demand for alignment, or the host would go elsewhere: the run is over
   then. */
static bool find_access(struct run *run, ir_ref address, uint32_t disp, uint16_t memop, bool writes,
                        struct ir_memory_access *m)
{
    uint64_t place = value_of(run, address).i64 + (uint64_t)(int64_t)(int32_t)disp;
    if (run->unit->context->word_type == IR_I32) {
        place = (uint32_t)place;
    }
    if (place & (ir_mem_align(memop) - 1)) {
        leave(run, (struct ir_exit){.kind = IR_LEFT_MISALIGNED, .address = place, .write = writes});
        return false;
    }
    if (host_mistakes_address(place)) {
        leave(run, (struct ir_exit){.kind = IR_LEFT_MISTAKEN, .address = place, .write = writes});
        return false;
    }
    *m = (struct ir_memory_access){cpu_memory(run->state, place), ir_mem_bytes(memop), memop};
    return true;
}

/* Whether the low bytes of two values are equal. */
static bool same_bytes(union ir_value a, union ir_value b, uint64_t bytes)
{
    return memcmp(&a, &b, bytes) == 0;
}

/* An access that goes aside works on a copy of the bytes. */
struct detour {
    union ir_value copy;
    void *place;
};

static void begin_access(struct run *run, struct ir_memory_access *m, struct detour *detour, bool writes)
{
    detour->place = m->host;
    if (run->aside) {
        ir_overlay_read(&run->aside->memory, m->host, &detour->copy, (unsigned)m->bytes, writes);
        m->host = &detour->copy;
    }
}

static void end_access(struct run *run, const struct ir_memory_access *m, struct detour *detour, bool writes)
{
    if (run->aside && writes) {
        ir_overlay_write(&run->aside->memory, detour->place, &detour->copy, (unsigned)m->bytes);
    }
}

static union ir_value run_store_conditional(struct run *run, const struct ir_instruction *i)
{
    const ir_ref *reserved = &run->unit->list[i->c];
    union ir_value address = value_of(run, i->a), expected = value_of(run, reserved[1]);
    struct ir_memory_access m;

    if (address.i64 != value_of(run, reserved[0]).i64) {
        return ir_value_of(IR_I32, 1);
    }
    if (!find_access(run, i->a, 0, i->aux, true, &m)) {
        return (union ir_value){0};
    }
    struct detour detour;
    begin_access(run, &m, &detour, true);
    union ir_value old = ir_memory_exchange(expected, value_of(run, i->b), &m);
    end_access(run, &m, &detour, true);
    return ir_value_of(IR_I32, !same_bytes(old, expected, m.bytes));
}

static union ir_value access_memory(const struct run *run, const struct ir_instruction *i,
                                    const struct ir_memory_access *m)
{
    switch (i->op) {
    case IR_OP_load:
        return ir_memory_load((enum ir_type)i->type, m);
    case IR_OP_store:
        ir_memory_store(value_of(run, i->b), m);
        return (union ir_value){0};
    case IR_OP_atomic:
        return ir_memory_atomic((enum ir_type)i->type, value_of(run, i->b), m);
    default:
        return ir_memory_exchange(value_of(run, i->b), value_of(run, i->c), m);
    }
}

static union ir_value run_memory(struct run *run, const struct ir_instruction *i)
{
    struct ir_memory_access m;
    struct detour detour;
    uint32_t disp = i->op == IR_OP_load ? i->b : i->op == IR_OP_store ? i->c : 0;

    if (!find_access(run, i->a, disp, i->aux, i->op != IR_OP_load, &m)) {
        return (union ir_value){0};
    }
    begin_access(run, &m, &detour, i->op != IR_OP_load);
    union ir_value value = access_memory(run, i, &m);
    end_access(run, &m, &detour, i->op != IR_OP_load);
    return value;
}

/* ---- helpers ---- */

static union ir_value run_call(struct run *run, const struct ir_instruction *i)
{
    enum { MOST_ARGUMENTS = sizeof run->state->values / sizeof(union ir_value) };
    const struct ir_helper *helper = &run->unit->context->helpers[i->a];
    union ir_value v[MOST_ARGUMENTS] = {0};

    KAGE_ASSERT(i->c <= MOST_ARGUMENTS, "a helper takes at most as many arguments as the header has room for");
    for (uint32_t k = 0; k < i->c; k++) {
        v[k] = value_of(run, run->unit->list[i->b + k]);
    }
    run->state->rules = run->unit->context->rules;
    if (helper->kind == IR_CALL_WORDS) {
        uint64_t result = helper->words(run->state, v[0].i64, v[1].i64, v[2].i64, v[3].i64);
        return ir_value_of((enum ir_type)helper->result, result);
    }
    helper->values(run->state, v);
    return ir_type_bytes((enum ir_type)helper->result) == 16 ? v[0]
                                                             : ir_value_of((enum ir_type)helper->result, v[0].i64);
}

/* ---- state and control ---- */

static union ir_value run_read(struct run *run, const struct ir_instruction *i)
{
    union ir_value value = {0};
    memcpy(&value, (uint8_t *)slot_place(run, i->a) + i->aux, ir_type_bytes((enum ir_type)i->type));
    return value;
}

static void run_write(struct run *run, const struct ir_instruction *i)
{
    union ir_value value = value_of(run, i->b);
    enum ir_type type = (enum ir_type)run->unit->context->slots[i->a].type;
    memcpy(slot_place(run, i->a), &value, ir_type_bytes(type));
    if (run->aside) {
        run->aside->dropped[i->a / 64 & 3] &= ~((uint64_t)1 << i->a % 64);
    }
}

/* What is there stays there. */
static void run_drop(struct run *run, const struct ir_instruction *i)
{
    if (run->aside) {
        run->aside->dropped[i->a / 64 & 3] |= (uint64_t)1 << i->a % 64;
    }
}

static void run_exit(struct run *run, const struct ir_instruction *i)
{
    switch (i->op) {
    case IR_OP_jump:
        enter_block(run, i->a);
        break;
    case IR_OP_branch:
        enter_block(run, value_of(run, i->a).i32 ? i->b : i->c);
        break;
    case IR_OP_goto:
    case IR_OP_goto_value:
        write_pc(run, value_of(run, i->a).i64);
        leave(run, (struct ir_exit){.kind = IR_LEFT_GOTO, .hint = (enum ir_exit_hint)i->aux});
        break;
    case IR_OP_syscall:
        write_pc(run, value_of(run, i->a).i64);
        leave(run, (struct ir_exit){.kind = IR_LEFT_SYSCALL});
        break;
    default:
        leave(run, (struct ir_exit){.kind = IR_LEFT_TRAP, .trap = i->a, .argument = i->b});
        break;
    }
}

static union ir_value run_evaluation(struct run *run, const struct ir_instruction *i)
{
    union ir_value operands[3] = {0};
    const uint32_t refs[3] = {i->a, i->b, i->c};
    enum ir_op op = (enum ir_op)i->op;

    for (unsigned k = 0; k < 3; k++) {
        if (ir_operand_is_value(op, k)) {
            operands[k] = value_of(run, refs[k]);
        }
    }
    enum ir_type operand_type = ir_operand_is_value(op, 0) ? ir_type_of(run->unit, i->a) : IR_NONE;
    return ir_evaluate(op, (enum ir_type)i->type, operand_type, i->aux, operands[0], operands[1], operands[2],
                       run->unit->context->rules, &run->state->fp);
}

static void run_instruction(struct run *run)
{
    uint32_t index = run->next++;
    const struct ir_instruction *i = &run->unit->code[index];

    if (run->aside) {
        *(volatile uint32_t *)&run->aside->at = index;
    }
    switch (i->op) {
    case IR_OP_read:
        run->values[index] = run_read(run, i);
        break;
    case IR_OP_write:
        run_write(run, i);
        break;
    case IR_OP_mark:
        write_pc(run, i->a | (uint64_t)i->b << 32);
        break;
    case IR_OP_load:
    case IR_OP_store:
    case IR_OP_atomic:
    case IR_OP_cas:
        run->values[index] = run_memory(run, i);
        break;
    case IR_OP_store_conditional:
        run->values[index] = run_store_conditional(run, i);
        break;
    case IR_OP_drop:
        run_drop(run, i);
        break;
    case IR_OP_fence:
        ir_memory_fence((enum ir_fence)i->aux);
        break;
    case IR_OP_call:
        run->values[index] = run_call(run, i);
        break;
    default:
        if (ir_ops[i->op].effects & IR_END) {
            run_exit(run, i);
        } else {
            run->values[index] = run_evaluation(run, i);
        }
        break;
    }
}

static struct ir_exit run_to_exit(struct run *run)
{
    while (!run->left) {
        run_instruction(run);
    }
    return run->exit;
}

struct ir_exit ir_interpret(const struct ir_unit *unit, struct cpu_header *state, union ir_value *scratch)
{
    struct run run = {.unit = unit, .state = state, .values = scratch, .next = unit->blocks[0].first};
    return run_to_exit(&run);
}

struct ir_exit ir_interpret_aside(const struct ir_unit *unit, struct cpu_header *state, union ir_value *scratch,
                                  struct ir_aside *aside)
{
    struct run run = {.unit = unit, .state = state, .values = scratch, .aside = aside, .next = unit->blocks[0].first};
    KAGE_ASSERT(unit->context->slot_count <= 64 * sizeof aside->dropped / sizeof *aside->dropped,
                "every slot has a bit");
    return run_to_exit(&run);
}
