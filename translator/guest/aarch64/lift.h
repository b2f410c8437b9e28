/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the A64 lift functions share. sf: 1 = 64 bits, 0 = 32 bits. A lift function returns false for an encoding that
 * is undefined; nothing but pure operations may have been emitted by then. */
#ifndef AARCH64_LIFT_H
#define AARCH64_LIFT_H

#include "a64_decode.h"
#include "aarch64.h"
#include "aarch64_state.h"
#include "guest.h"
#include "helpers.h"

/* No access has this address without a fault. */
#define AARCH64_MONITOR_OPEN UINT64_MAX

/* The lift function of a row that is function(l, a, ...). */
#define A64_LIFT(name, args, function, ...)                                                                            \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_##args *a)                                            \
    {                                                                                                                  \
        return function(l, a, __VA_ARGS__);                                                                            \
    }

/* A binary operation of the builder. */
typedef ir_ref a64_binary(struct ir_builder *, ir_ref, ir_ref);

static inline enum ir_type lift_type(int sf)
{
    return sf ? IR_I64 : IR_I32;
}

static inline unsigned lift_width(int sf)
{
    return sf ? 64 : 32;
}

static inline ir_ref lift_constant(struct lifter *l, int sf, uint64_t value)
{
    return sf ? ir_i64(l->ir, value) : ir_i32(l->ir, (uint32_t)value);
}

/* Register number, 31 being SP. */
static inline ir_ref lift_read_sp(struct lifter *l, int sf, int number)
{
    uint16_t slot = (uint16_t)(AARCH64_SLOT_X0 + number);
    return sf ? ir_read(l->ir, slot) : ir_read_part(l->ir, slot, IR_I32, 0);
}

/* Register number, 31 being ZR. */
static inline ir_ref lift_read(struct lifter *l, int sf, int number)
{
    return number == 31 ? lift_constant(l, sf, 0) : lift_read_sp(l, sf, number);
}

/* An i32 is zero-extended. */
static inline void lift_write_sp(struct lifter *l, int number, ir_ref value)
{
    bool is_narrow = ir_typeof(l->ir, value) == IR_I32;
    ir_write(l->ir, (uint16_t)(AARCH64_SLOT_X0 + number), is_narrow ? ir_wide_u(l->ir, IR_I64, value) : value);
}

static inline void lift_write(struct lifter *l, int number, ir_ref value)
{
    if (number != 31) {
        lift_write_sp(l, number, value);
    }
}

static inline ir_ref lift_flags(struct lifter *l)
{
    return ir_read_flags(l->ir, AARCH64_SLOT_NZCV);
}

static inline void lift_write_flags(struct lifter *l, ir_ref flags)
{
    ir_write(l->ir, AARCH64_SLOT_NZCV, flags);
}

/* A condition of the manual (0 to 15) as i32 0 or 1; AL and NV are always. */
static inline ir_ref lift_condition(struct lifter *l, int cond)
{
    static const uint8_t conditions[14] = {
        IR_FLAG_EQ, IR_FLAG_NE, IR_FLAG_CS, IR_FLAG_CC, IR_FLAG_MI, IR_FLAG_PL, IR_FLAG_VS,
        IR_FLAG_VC, IR_FLAG_HI, IR_FLAG_LS, IR_FLAG_GE, IR_FLAG_LT, IR_FLAG_GT, IR_FLAG_LE,
    };
    return cond >= 14 ? ir_i32(l->ir, 1) : ir_flags_test(l->ir, lift_flags(l), (enum ir_flag_cond)conditions[cond]);
}

/* Four bits N Z C V (an i32, bits 3 to 0) as flags, and back. */
ir_ref lift_flags_of_nzcv(struct lifter *l, ir_ref nzcv);
ir_ref lift_nzcv_of_flags(struct lifter *l, ir_ref flags);

/* The manual's ExtendReg(): option 0..7, shifted left. */
ir_ref lift_extended(struct lifter *l, int sf, int number, int option, int amount);

/* The rules of floating point by mode. */
extern const struct float_rules a64_float_rules[AARCH64_MODE_COUNT];

#endif
