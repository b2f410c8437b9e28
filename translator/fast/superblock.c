/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "superblock.h"
#include "log.h"
#include "superword.h"
#include "unroll.h"

#define MAX_SIDE_EXITS 16
#define MOST_CODE 0x1000       /* bytes of a run of instructions */
#define LONGEST_INSTRUCTION 16 /* what is known of code may end within an instruction: then more is asked for */

/* Conditions under which a jump is followed keep all pcs of a unit this near to its entry: snapshots hold 32 bits of
 * it. */
#define FARTHEST_PC (INT32_MAX - 0x10000)

/* How far ahead of an instruction a breakpoint keeps it from being lifted together with those after it. */
enum { FUSION_REACH = 64 };

struct side_exit {
    uint32_t block;
    bool flags_written; /* on the way to it, in this round of a loop */
    uint64_t target;
};

/* Where an access that is being watched goes instead. */
struct watch_exit {
    uint32_t block;
    uint32_t index; /* of the watchpoint */
    uint64_t pc;
};

struct former {
    struct superblock *result;
    struct ir_builder ir;
    struct lifter lifter;
    struct superblock_source *source;
    struct cpu_header *state;
    struct superblock_limits limits;
    unsigned exit_count;
    unsigned branches;
    unsigned path_place; /* index in limits.path of the piece reached */
    struct watch_exit *watch_exits; /* in the arena */
    uint32_t watch_exit_count, watch_exit_room;
    struct side_exit exits[MAX_SIDE_EXITS];
};

static void ask_for_code(struct former *f, uint64_t pc)
{
    const struct embedder *embedder = f->source->embedder;
    struct code_window window = embedder->find_code(embedder->program, f->state, pc);
    f->source->window_bytes = window.bytes - window.before;
    f->source->window_start = pc - window.before;
    f->source->window_size = window.before + window.available;
    f->source->window_sure =
        window.available >= LONGEST_INSTRUCTION ? f->source->window_size - LONGEST_INSTRUCTION + 1 : window.before;
}

/* Bytes at pc, as many as are executable from there on; NULL if none. */
static inline const uint8_t *find_code(struct former *f, uint64_t pc, uint32_t *available)
{
    const struct superblock_source *source = f->source;
    uint64_t at = pc - source->window_start;
    if (__builtin_expect(at >= source->window_sure, 0)) {
        ask_for_code(f, pc);
        at = pc - source->window_start;
    }
    uint64_t rest = source->window_size - at;
    *available = rest > MOST_CODE ? MOST_CODE : (uint32_t)rest;
    return rest ? source->window_bytes + at : NULL;
}

void superblock_forget_code(struct superblock_source *source)
{
    source->window_size = source->window_sure = 0;
}

struct ir_context superblock_context(const struct guest *guest, uint32_t mode)
{
    return (struct ir_context){
        .guest_name = guest->name,
        .slots = guest->slots,
        .slot_count = guest->slot_count,
        .helpers = guest->helpers,
        .helper_count = guest->helper_count,
        .word_type = guest->word_bits == 64 ? IR_I64 : IR_I32,
        .ignored_bits = mode & CPU_MODE_TAGGED ? guest->tag_bits : 0,
        .pc_slot = guest->pc_slot,
        .rules = guest->float_rules(mode),
    };
}

static int find_flags_slot(const struct guest *guest)
{
    for (unsigned i = 0; i < guest->slot_count; i++) {
        if (guest->slots[i].type == IR_FLAGS) {
            return (int)i;
        }
    }
    return -1;
}

void superblock_source_init(struct superblock_source *source, const struct guest *guest,
                            const struct embedder *embedder)
{
    *source = (struct superblock_source){.guest = guest, .embedder = embedder};
    source->flags_slot = guest->flags_are_dead ? find_flags_slot(guest) : -1;
}

/* An instruction of the unit already covers pc: following the jump would translate the same code twice. */
static bool is_covered(const struct superblock *sb, uint64_t pc)
{
    for (unsigned i = 0; i < sb->range_count; i++) {
        if (pc - sb->ranges[i].start < sb->ranges[i].length) {
            return true;
        }
    }
    return false;
}

/* False if the unit has no room for another discontinuous piece. */
static bool cover(struct superblock *sb, uint64_t pc, uint32_t length)
{
    struct superblock_range *last = &sb->ranges[sb->range_count - 1];
    if (last->start + last->length == pc) {
        last->length += length;
        return true;
    }
    if (sb->range_count == SUPERBLOCK_MAX_RANGES) {
        return false;
    }
    sb->ranges[sb->range_count++] = (struct superblock_range){pc, length};
    return true;
}

/* Whether the flags' value is one that was made here and would have to be stored. */
static bool flags_are_written(const struct former *f)
{
    int slot = f->source->flags_slot;
    ir_ref value = slot < 0 ? IR_NO_REF : f->ir.slot_value[slot];
    return value != IR_NO_REF && (ir_is_constant(value) || f->ir.unit->code[value].op != IR_OP_read);
}

static bool flags_are_dead_at(struct former *f, uint64_t pc)
{
    const struct guest *guest = f->lifter.guest;
    uint32_t available;
    const uint8_t *code = find_code(f, pc, &available);
    return code && guest->flags_are_dead(code, available, pc, f->lifter.mode);
}

/* Leaves for a known pc. Flags that the code there overwrites at once are not worth storing, unless a debugger may show
   them. */
static void leave_to(struct former *f, uint64_t pc, enum ir_exit_hint hint, uint64_t return_pc, bool flags_written)
{
    if (flags_written && f->source->flags_slot >= 0 && !f->limits.stops && flags_are_dead_at(f, pc)) {
        ir_append(&f->ir, IR_OP_drop, IR_NONE, 0, (uint32_t)f->source->flags_slot, 0, 0);
    }
    ir_ref target = ir_word(&f->ir, pc);
    ir_ref second = hint == IR_EXIT_CALL ? ir_word(&f->ir, return_pc) : target;
    ir_emit_effect(&f->ir, IR_HEAD(IR_OP_goto, IR_NONE, hint), target, second, 0);
}

static uint32_t side_exit_block(struct former *f, uint64_t target)
{
    uint32_t block = ir_block_new(&f->ir);
    f->exits[f->exit_count++] = (struct side_exit){block, flags_are_written(f), target};
    return block;
}

/* ---- a debugger's stops ---- */

static bool stops_before(const struct former *f, uint64_t pc)
{
    return f->limits.stops && stops_has_breakpoint(f->limits.stops, pc);
}

/* Only the instruction itself, not what follows it: there may be a stop in between. */
static bool lifts_alone(const struct former *f, uint64_t pc)
{
    const struct stop_set *stops = f->limits.stops;
    return stops && (stops->watch_count || stops_has_breakpoint_in(stops, pc, FUSION_REACH));
}

static uint32_t watch_block(struct former *f, unsigned index)
{
    if (f->watch_exit_count == f->watch_exit_room) {
        f->watch_exits = arena_grow(f->ir.unit->arena, f->watch_exits, &f->watch_exit_room, sizeof *f->watch_exits);
    }
    uint32_t block = ir_block_new(&f->ir);
    f->watch_exits[f->watch_exit_count++] = (struct watch_exit){block, index, f->lifter.pc};
    return block;
}

/* Nonzero if the access touches the watched bytes. */
static ir_ref touches(struct former *f, const struct stop_watch *watch, ir_ref address, int32_t disp, uint64_t bytes)
{
    struct ir_builder *b = &f->ir;
    uint64_t first = watch->start - bytes + 1, reach = watch->length + bytes - 1, value;
    ir_ref distance = ir_add(b, address, ir_word(b, (uint64_t)(int64_t)disp - first));
    ir_ref condition = ir_cmp(b, IR_LTU, distance, ir_word(b, reach));
    if (ir_constant_value(b, condition, &value) && value) {
        /* A branch on a constant would leave the rest without a way to it: this one is always taken, too. */
        return ir_cmp(b, IR_NE, ir_read(b, f->lifter.guest->sp_slot), ir_word(b, UINT64_MAX));
    }
    return condition;
}

/* struct ir_builder's before_access. What the instruction has done before this access is undone or repeated: slots are
   written after an instruction's last access, for the sake of faults. */
static void check_access(void *user, enum ir_op op, ir_ref address, int32_t disp, uint16_t memop)
{
    struct former *f = user;
    unsigned kinds = op == IR_OP_load ? STOPS_READ : op == IR_OP_store ? STOPS_WRITE : STOPS_READ | STOPS_WRITE;
    for (unsigned i = 0; i < STOPS_MAX_WATCHES; i++) {
        const struct stop_watch *watch = &f->limits.stops->watches[i];
        if (!(watch->kinds & kinds)) {
            continue;
        }
        ir_ref condition = touches(f, watch, address, disp, ir_mem_bytes(memop));
        uint64_t value;
        if (ir_constant_value(&f->ir, condition, &value)) {
            continue;
        }
        uint32_t taken = watch_block(f, i), follow = ir_block_new(&f->ir);
        ir_emit(&f->ir, IR_OP_branch, IR_NONE, IR_HINT_NONE, condition, taken, follow);
        ir_block_place(&f->ir, follow, true);
    }
}

static void place_watch_exits(struct former *f)
{
    for (unsigned i = 0; i < f->watch_exit_count; i++) {
        const struct watch_exit *exit = &f->watch_exits[i];
        ir_block_place(&f->ir, exit->block, false);
        ir_mark(&f->ir, exit->pc, 0);
        lift_trap(&f->lifter, TRAP_DEBUG_WATCHPOINT, exit->index);
    }
}

/* The unit ends where no instruction can be lifted. */
static void end_before(struct former *f, uint64_t pc, enum guest_trap trap)
{
    struct lifter *l = &f->lifter;
    l->pc = pc;
    if (trap == TRAP_FETCH && f->result->instructions) { /* the page may be mapped by the time somebody gets there */
        leave_to(f, pc, IR_EXIT_JUMP, 0, flags_are_written(f));
        return;
    }
    ir_mark(&f->ir, pc, 0);
    lift_trap(l, trap, 0);
    if (trap != TRAP_ALIGNMENT) {
        cover(f->result, pc, l->guest->instruction_align); /* so that the unit goes when the reason does */
    }
}

/* Where code that the unit covers already begins above pc. */
static uint64_t next_covered(const struct superblock *sb, uint64_t pc)
{
    uint64_t next = UINT64_MAX;
    for (unsigned i = 0; i < sb->range_count; i++) {
        uint64_t start = sb->ranges[i].start;
        next = start > pc && start < next ? start : next;
    }
    return next;
}

/* Lifts instructions one after the other from pc on, up to one that does not just go on to the next, at least one;
   under a debugger just one. Returns false if the unit has ended before the first. */
static bool lift_run(struct former *f, uint64_t pc)
{
    struct lifter *l = &f->lifter;
    struct superblock *sb = f->result;
    const struct guest *guest = l->guest;
    uint32_t available, options = l->options;
    const uint8_t *code = find_code(f, pc, &available);
    bool is_aligned = !(pc & (guest->instruction_align - 1));
    if (!is_aligned || stops_before(f, pc) || !code) {
        end_before(f, pc, !is_aligned ? TRAP_ALIGNMENT : stops_before(f, pc) ? TRAP_DEBUG_BREAKPOINT : TRAP_FETCH);
        return false;
    }
    uint64_t start = pc, end = pc + available, stop = f->limits.stops ? 0 : next_covered(sb, pc);
    stop = stop < end - LONGEST_INSTRUCTION ? stop : end - LONGEST_INSTRUCTION;
    unsigned room = f->limits.instructions - sb->instructions;
    l->options |= lifts_alone(f, pc) ? LIFT_SINGLE_STEP : 0;
    do {
        l->code = code + (pc - start);
        l->available = (uint32_t)(end - pc);
        l->pc = pc;
        l->end = LIFT_NEXT;
        guest->lift(l);
        pc += l->length;
        room--;
    } while (l->end == LIFT_NEXT && room && pc < stop);
    l->options = options;
    sb->instructions = f->limits.instructions - room;
    if (!cover(sb, start, (uint32_t)(pc - start))) {
        KAGE_ASSERT(false, "a unit has no room for another range");
    }
    return true;
}

static bool may_follow(const struct former *f, uint64_t pc)
{
    const struct superblock *sb = f->result;
    int64_t distance = (int64_t)(pc - f->ir.unit->pc);
    return distance >= -FARTHEST_PC && distance <= FARTHEST_PC && sb->instructions < f->limits.instructions &&
           !is_covered(sb, pc) && sb->range_count < SUPERBLOCK_MAX_RANGES - 1;
}

/* The same for the instruction after the last one. */
static bool may_go_on(const struct former *f, uint64_t next)
{
    return f->result->instructions < f->limits.instructions && !is_covered(f->result, next);
}

/* ---- loops ---- */

static const struct side_exit *find_exit(const struct former *f, uint32_t block)
{
    for (unsigned i = 0; i < f->exit_count; i++) {
        if (f->exits[i].block == block) {
            return &f->exits[i];
        }
    }
    return NULL;
}

static bool is_exit(void *user, uint32_t block)
{
    return find_exit(user, block) != NULL;
}

static uint32_t copy_exit(void *user, uint32_t block)
{
    return side_exit_block(user, find_exit(user, block)->target);
}

static unsigned begin_rounds(struct former *f, struct unroll *unroll, unsigned exits)
{
    if (f->result->loops || f->limits.stops) {
        return 1;
    }
    unsigned rounds = unroll_begin(unroll, &f->ir, exits, MAX_SIDE_EXITS - 1 - f->exit_count);
    if (!f->limits.unrolls) {
        f->result->may_unroll = rounds > 1;
        return 1;
    }
    unroll->is_exit = is_exit;
    unroll->copy_exit = copy_exit;
    unroll->user = f;
    return rounds;
}

/* A round of the loop ends here: on to the next one. */
static void end_round(struct former *f)
{
    struct unroll unroll;
    bool goes_on = true;
    for (unsigned rounds = begin_rounds(f, &unroll, f->exit_count); goes_on && rounds > 1; rounds--) {
        goes_on = unroll_round(&unroll);
    }
    f->result->loops = true;
    if (goes_on) {
        ir_emit(&f->ir, IR_OP_jump, IR_NONE, 0, 0, 0, 0);
    }
}

/* A round ends with a branch to its beginning, or else to `next`. */
static void end_round_if(struct former *f, ir_ref condition, uint64_t next)
{
    struct ir_builder *b = &f->ir;
    struct unroll unroll;
    ir_ref again = condition;
    uint64_t value;
    for (unsigned rounds = begin_rounds(f, &unroll, f->exit_count + 1); rounds > 1; rounds--) {
        uint32_t exit = side_exit_block(f, next), follow = ir_block_new(b);
        ir_emit_effect(b, IR_HEAD(IR_OP_branch, IR_NONE, IR_HINT_LIKELY), again, follow, exit);
        ir_block_place(b, follow, true);
        if (!unroll_round(&unroll)) {
            f->result->loops = true;
            return;
        }
        again = unroll_value(&unroll, condition);
        if (ir_constant_value(b, again, &value)) {
            break;
        }
    }
    f->result->loops = true;
    if (ir_constant_value(b, again, &value)) {
        if (value) {
            ir_emit(b, IR_OP_jump, IR_NONE, 0, 0, 0, 0);
        } else {
            leave_to(f, next, IR_EXIT_JUMP, 0, true);
        }
        return;
    }
    uint32_t follow = ir_block_new(b);
    ir_emit_effect(b, IR_HEAD(IR_OP_branch, IR_NONE, IR_HINT_LIKELY), again, 0, follow);
    ir_block_place(b, follow, true);
    leave_to(f, next, IR_EXIT_JUMP, 0, true);
}

/* Ends the unit with a jump to a known pc, its own entry included. */
static void end_at(struct former *f, uint64_t pc, enum ir_exit_hint hint, uint64_t return_pc)
{
    if (pc == f->ir.unit->pc && hint == IR_EXIT_JUMP && !(f->lifter.options & LIFT_SINGLE_STEP)) {
        end_round(f);
    } else {
        leave_to(f, pc, hint, return_pc, f->result->loops || flags_are_written(f));
    }
}

/* A condition that a store-conditional failed: the branch back to its load is rarely taken. */
static bool is_retry(const struct former *f, ir_ref condition)
{
    const struct ir_unit *unit = f->ir.unit;
    for (unsigned depth = 0; depth < 3 && !ir_is_constant(condition); depth++) {
        const struct ir_instruction *made = &unit->code[condition];
        switch ((enum ir_op)made->op) {
        case IR_OP_store_conditional:
            return true;
        case IR_OP_cmp:
            if (made->aux != IR_NE || !ir_is_constant(made->b) || ir_constant_of(unit, made->b)->value.u64[0] != 0) {
                return false;
            }
            break;
        case IR_OP_wide_u:
            break;
        default:
            return false;
        }
        condition = made->a;
    }
    return false;
}

/* Where the loop that the unit is formed along goes next, or 0. */
static uint64_t path_ahead(const struct former *f)
{
    return f->path_place + 1 < f->limits.path_count ? f->limits.path[f->path_place + 1] : 0;
}

/* A conditional branch on the path of a loop: the way that the loop goes is followed. */
static uint64_t follow_branch_on_path(struct former *f, bool *ended)
{
    struct lifter *l = &f->lifter;
    uint64_t next = l->pc + l->length, ahead = path_ahead(f), head = f->ir.unit->pc;
    bool takes = ahead && l->target == ahead, loops = !takes && l->target == head;
    uint64_t pc = takes ? l->target : next;
    if (loops && !ahead) {
        *ended = true;
        end_round_if(f, l->condition, next);
        return next;
    }
    uint32_t follow = ir_block_new(&f->ir);
    uint32_t other = loops ? 0 : side_exit_block(f, takes ? next : l->target);
    f->result->loops |= loops;
    ir_emit(&f->ir, IR_OP_branch, IR_NONE, IR_HINT_NONE, l->condition, takes ? follow : other, takes ? other : follow);
    ir_block_place(&f->ir, follow, true);
    *ended = ++f->branches >= f->limits.branches || f->exit_count + 1 >= MAX_SIDE_EXITS ||
             (pc != head && !may_follow(f, pc)) || pc == head;
    if (*ended) {
        end_at(f, pc, IR_EXIT_JUMP, 0);
    }
    return pc;
}

/* After a conditional branch. Returns the pc to go on at, or sets *ended. Branches back to the entry make the unit a
   loop; other backward branches belong to loops that get units of their own. */
static uint64_t follow_branch(struct former *f, bool *ended)
{
    struct lifter *l = &f->lifter;
    uint64_t next = l->pc + l->length;
    bool retries = is_retry(f, l->condition);
    bool is_loop = l->target == f->ir.unit->pc && !retries && !(l->options & LIFT_SINGLE_STEP);
    bool full = ++f->branches >= f->limits.branches || f->exit_count + 1 >= MAX_SIDE_EXITS || !may_follow(f, next);
    uint64_t condition;
    if (ir_constant_value(&f->ir, l->condition, &condition)) {
        uint64_t pc = condition ? l->target : next;
        *ended = !may_follow(f, pc) || (l->options & LIFT_SINGLE_STEP);
        if (*ended) {
            end_at(f, pc, IR_EXIT_JUMP, 0);
        }
        return pc;
    }
    if (f->limits.path && !retries) {
        return follow_branch_on_path(f, ended);
    }
    if (is_loop) {
        *ended = true;
        end_round_if(f, l->condition, next);
        return next;
    }
    uint32_t follow = ir_block_new(&f->ir);
    uint32_t taken = side_exit_block(f, l->target);
    ir_emit_effect(&f->ir, IR_HEAD(IR_OP_branch, IR_NONE, IR_HINT_NONE), l->condition, taken, follow);
    ir_block_place(&f->ir, follow, true);
    /* In a piece that a jump led to it is as likely a way out, as in an interpreter's dispatch: it gets a copy here. */
    bool is_back = l->target <= l->pc && (f->result->range_count == 1 || is_covered(f->result, l->target));
    *ended = (is_back && !retries && !f->limits.is_hot) || full;
    if (*ended) {
        f->result->is_cut = true;
        end_at(f, next, IR_EXIT_JUMP, 0);
    }
    return next;
}

static uint64_t follow(struct former *f, bool *ended)
{
    struct lifter *l = &f->lifter;
    uint64_t next = l->pc + l->length;
    *ended = true;
    switch (l->end) {
    case LIFT_NEXT:
        *ended = !may_go_on(f, next);
        if (*ended) {
            end_at(f, next, IR_EXIT_JUMP, 0);
        }
        return next;
    case LIFT_STOP:
        leave_to(f, next, IR_EXIT_MODE, 0, flags_are_written(f));
        return next;
    case LIFT_BRANCH:
        return follow_branch(f, ended);
    case LIFT_JUMP:
        *ended = l->hint == IR_EXIT_CALL || !may_follow(f, l->target);
        if (*ended) {
            end_at(f, l->target, l->hint, l->return_pc);
        }
        return l->target;
    case LIFT_DONE:
        return next;
    }
    return next;
}

static struct former *former_new(struct arena *arena, struct superblock_source *source,
                                 const struct ir_context *context, struct cpu_header *state, uint64_t pc,
                                 struct superblock_limits limits)
{
    struct former *f = arena_alloc_aligned(arena, sizeof *f, _Alignof(struct former));
    f->result = arena_alloc_aligned(arena, sizeof *f->result, _Alignof(struct superblock));
    f->result->unit = ir_unit_new(arena, context, pc);
    f->result->ranges[0] = (struct superblock_range){pc, 0};
    f->result->range_count = 1;
    f->result->instructions = 0;
    f->result->loops = f->result->may_unroll = f->result->is_cut = f->result->is_wide = false;
    f->source = source;
    f->state = state;
    f->limits = limits;
    f->exit_count = f->branches = f->path_place = 0;
    f->watch_exits = NULL;
    f->watch_exit_count = f->watch_exit_room = 0;
    ir_builder_init(&f->ir, f->result->unit);
    f->ir.marks_all = limits.widens;
    f->lifter = (struct lifter){
        .ir = &f->ir,
        .guest = source->guest,
        .mode = state->mode,
        .options = limits.instructions == 1 ? LIFT_SINGLE_STEP : 0,
        .hypercalls = source->embedder->hypercall_count,
    };
    return f;
}

static void widen(struct superblock *sb)
{
    struct ir_unit *wide = superword_form(sb->unit);
    if (wide) {
        sb->unit = wide;
        sb->is_wide = true;
    }
}

struct superblock *superblock_form(struct arena *arena, struct superblock_source *source,
                                   const struct ir_context *context, struct cpu_header *state, uint64_t pc,
                                   struct superblock_limits limits)
{
    struct former *f = former_new(arena, source, context, state, pc, limits);
    if (source->embedder->memory_model == MEMORY_SOFTMMU) {
        superblock_forget_code(source);
    }
    if (limits.stops && limits.stops->watch_count) {
        f->ir.before_access = check_access;
        f->ir.access_user = f;
    }
    for (bool ended = false; !ended;) {
        ended = !lift_run(f, pc);
        if (!ended) {
            pc = follow(f, &ended);
            f->path_place += limits.path && pc == path_ahead(f);
        }
    }
    for (unsigned i = 0; i < f->exit_count; i++) {
        const struct side_exit *exit = &f->exits[i];
        ir_block_place(&f->ir, exit->block, true); /* nothing here reads a slot: what is known does not matter */
        leave_to(f, exit->target, IR_EXIT_JUMP, 0, exit->flags_written || f->result->loops);
    }
    place_watch_exits(f);
    if (limits.widens && f->result->loops && !limits.stops && !context->ignored_bits) {
        widen(f->result);
    }
    return f->result;
}
