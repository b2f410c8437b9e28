/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cryptographic classes: AES as IR operations, SHA by helpers on values (guest/shared/crypto). */
#include "helpers_simd.h"
#include "simd.h"

bool a64_lift_aese(struct lifter *l, const struct a64_args_crypto2 *a)
{
    ir_ref state = ir_v_xor(l->ir, simd_read(l, a->rd), simd_read(l, a->rn));
    simd_write(l, a->rd, ir_v_aes_sub_shift(l->ir, state), 16);
    return true;
}
bool a64_lift_aesd(struct lifter *l, const struct a64_args_crypto2 *a)
{
    ir_ref state = ir_v_xor(l->ir, simd_read(l, a->rd), simd_read(l, a->rn));
    simd_write(l, a->rd, ir_v_aes_inv_sub_shift(l->ir, state), 16);
    return true;
}
bool a64_lift_aesmc(struct lifter *l, const struct a64_args_crypto2 *a)
{
    simd_write(l, a->rd, ir_v_aes_mix(l->ir, simd_read(l, a->rn)), 16);
    return true;
}
bool a64_lift_aesimc(struct lifter *l, const struct a64_args_crypto2 *a)
{
    simd_write(l, a->rd, ir_v_aes_inv_mix(l->ir, simd_read(l, a->rn)), 16);
    return true;
}

static bool hash_step(struct lifter *l, const struct a64_args_crypto3 *a, unsigned helper)
{
    ir_ref arguments[3] = {simd_read(l, a->rd), simd_read(l, a->rn), simd_read(l, a->rm)};
    simd_write(l, a->rd, ir_call(l->ir, helper, arguments, 3), 16);
    return true;
}
bool a64_lift_sha1c(struct lifter *l, const struct a64_args_crypto3 *a)
{
    return hash_step(l, a, A64_HELPER_sha1c);
}
bool a64_lift_sha1p(struct lifter *l, const struct a64_args_crypto3 *a)
{
    return hash_step(l, a, A64_HELPER_sha1p);
}
bool a64_lift_sha1m(struct lifter *l, const struct a64_args_crypto3 *a)
{
    return hash_step(l, a, A64_HELPER_sha1m);
}
bool a64_lift_sha256h(struct lifter *l, const struct a64_args_crypto3 *a)
{
    return hash_step(l, a, A64_HELPER_sha256h);
}
bool a64_lift_sha256h2(struct lifter *l, const struct a64_args_crypto3 *a)
{
    return hash_step(l, a, A64_HELPER_sha256h2);
}
bool a64_lift_sha256su1(struct lifter *l, const struct a64_args_crypto3 *a)
{
    return hash_step(l, a, A64_HELPER_sha256su1);
}
/* n's low half above d's high half, exclusive or d, exclusive or m */
bool a64_lift_sha1su0(struct lifter *l, const struct a64_args_crypto3 *a)
{
    static const uint8_t middle[16] = {8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
    ir_ref d = simd_read(l, a->rd);
    ir_ref words = simd_shuffle(l, d, simd_read(l, a->rn), middle);
    simd_write(l, a->rd, ir_v_xor(l->ir, ir_v_xor(l->ir, words, d), simd_read(l, a->rm)), 16);
    return true;
}

static bool schedule_step(struct lifter *l, const struct a64_args_crypto2 *a, unsigned helper)
{
    ir_ref arguments[2] = {simd_read(l, a->rd), simd_read(l, a->rn)};
    simd_write(l, a->rd, ir_call(l->ir, helper, arguments, 2), 16);
    return true;
}
bool a64_lift_sha1su1(struct lifter *l, const struct a64_args_crypto2 *a)
{
    return schedule_step(l, a, A64_HELPER_sha1su1);
}
bool a64_lift_sha256su0(struct lifter *l, const struct a64_args_crypto2 *a)
{
    return schedule_step(l, a, A64_HELPER_sha256su0);
}
bool a64_lift_sha1h(struct lifter *l, const struct a64_args_crypto2 *a)
{
    ir_ref word = simd_read_element(l, a->rn, IR_I32);
    simd_write_element(l, a->rd, ir_rotr(l->ir, word, ir_i32(l->ir, 2)));
    return true;
}

/* ---- SHA3: three-way logic and rotation of 64-bit lanes ---- */
bool a64_lift_eor3(struct lifter *l, const struct a64_args_crypto4 *a)
{
    ir_ref both = ir_v_xor(l->ir, simd_read(l, a->rn), simd_read(l, a->rm));
    simd_write(l, a->rd, ir_v_xor(l->ir, both, simd_read(l, a->ra)), 16);
    return true;
}
bool a64_lift_bcax(struct lifter *l, const struct a64_args_crypto4 *a)
{
    ir_ref cleared = ir_v_andn(l->ir, simd_read(l, a->rm), simd_read(l, a->ra));
    simd_write(l, a->rd, ir_v_xor(l->ir, simd_read(l, a->rn), cleared), 16);
    return true;
}
static ir_ref rotate_right(struct lifter *l, ir_ref x, unsigned count)
{
    if (count == 0) {
        return x;
    }
    ir_ref low = ir_v_shr(l->ir, x, ir_lane_index(3, count));
    return ir_v_or(l->ir, low, ir_v_shl(l->ir, x, ir_lane_index(3, 64 - count)));
}
bool a64_lift_rax1(struct lifter *l, const struct a64_args_crypto3 *a)
{
    ir_ref rotated = rotate_right(l, simd_read(l, a->rm), 63);
    simd_write(l, a->rd, ir_v_xor(l->ir, simd_read(l, a->rn), rotated), 16);
    return true;
}
bool a64_lift_xar(struct lifter *l, const struct a64_args_crypto_rotate *a)
{
    ir_ref both = ir_v_xor(l->ir, simd_read(l, a->rn), simd_read(l, a->rm));
    simd_write(l, a->rd, rotate_right(l, both, (unsigned)a->imm), 16);
    return true;
}

/* ---- SHA-512: two rounds, halves of their state in d, n and m ---- */
static ir_ref lane(struct lifter *l, unsigned register_number, unsigned index)
{
    return ir_read_part(l->ir, (uint16_t)(AARCH64_SLOT_V0 + register_number), IR_I64, (uint16_t)(index * 8));
}
static ir_ref rotations(struct lifter *l, ir_ref x, const uint8_t counts[3])
{
    ir_ref first = ir_rotr(l->ir, x, ir_i64(l->ir, counts[0])), second = ir_rotr(l->ir, x, ir_i64(l->ir, counts[1]));
    return ir_xor(l->ir, ir_xor(l->ir, first, second), ir_rotr(l->ir, x, ir_i64(l->ir, counts[2])));
}
static ir_ref choose(struct lifter *l, ir_ref x, ir_ref y, ir_ref z)
{
    return ir_xor(l->ir, ir_and(l->ir, x, y), ir_andn(l->ir, z, x));
}
static ir_ref majority(struct lifter *l, ir_ref x, ir_ref y, ir_ref z)
{
    return ir_or(l->ir, ir_and(l->ir, x, y), ir_and(l->ir, ir_or(l->ir, x, y), z));
}
static void write_lanes(struct lifter *l, unsigned register_number, ir_ref low, ir_ref high)
{
    ir_ref value = ir_v_insert(l->ir, ir_v_from(l->ir, IR_V128, low), high, ir_lane_index(3, 1));
    simd_write(l, register_number, value, 16);
}
bool a64_lift_sha512h(struct lifter *l, const struct a64_args_crypto3 *a)
{
    static const uint8_t counts[3] = {14, 18, 41};
    ir_ref x0 = lane(l, a->rn, 0), x1 = lane(l, a->rn, 1), y0 = lane(l, a->rm, 0), y1 = lane(l, a->rm, 1);
    ir_ref high = ir_add(l->ir, choose(l, y1, x0, x1), ir_add(l->ir, rotations(l, y1, counts), lane(l, a->rd, 1)));
    ir_ref e = ir_add(l->ir, high, y0);
    ir_ref low = ir_add(l->ir, choose(l, e, y1, x0), ir_add(l->ir, rotations(l, e, counts), lane(l, a->rd, 0)));
    write_lanes(l, a->rd, low, high);
    return true;
}
bool a64_lift_sha512h2(struct lifter *l, const struct a64_args_crypto3 *a)
{
    static const uint8_t counts[3] = {28, 34, 39};
    ir_ref x0 = lane(l, a->rn, 0), y0 = lane(l, a->rm, 0), y1 = lane(l, a->rm, 1);
    ir_ref high = ir_add(l->ir, majority(l, x0, y1, y0), ir_add(l->ir, rotations(l, y0, counts), lane(l, a->rd, 1)));
    ir_ref low = ir_add(l->ir, majority(l, high, y0, y1), ir_add(l->ir, rotations(l, high, counts), lane(l, a->rd, 0)));
    write_lanes(l, a->rd, low, high);
    return true;
}
/* The schedule's sigma functions, on both lanes. */
static ir_ref sigma(struct lifter *l, ir_ref x, unsigned first, unsigned second, unsigned shift)
{
    ir_ref rotated = ir_v_xor(l->ir, rotate_right(l, x, first), rotate_right(l, x, second));
    return ir_v_xor(l->ir, rotated, ir_v_shr(l->ir, x, ir_lane_index(3, shift)));
}
bool a64_lift_sha512su0(struct lifter *l, const struct a64_args_crypto2 *a)
{
    static const uint8_t middle[16] = {8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
    ir_ref d = simd_read(l, a->rd);
    ir_ref next = simd_shuffle(l, d, simd_read(l, a->rn), middle);
    simd_write(l, a->rd, ir_v_add(l->ir, d, sigma(l, next, 1, 8, 7), 3), 16);
    return true;
}
bool a64_lift_sha512su1(struct lifter *l, const struct a64_args_crypto3 *a)
{
    ir_ref sum = ir_v_add(l->ir, simd_read(l, a->rd), simd_read(l, a->rm), 3);
    simd_write(l, a->rd, ir_v_add(l->ir, sum, sigma(l, simd_read(l, a->rn), 19, 61, 6), 3), 16);
    return true;
}

/* ---- SM3, SM4 ---- */
static bool call_crypto(struct lifter *l, int rd, unsigned helper, ir_ref *arguments, unsigned count)
{
    simd_write(l, (unsigned)rd, ir_call(l->ir, helper, arguments, count), 16);
    return true;
}
bool a64_lift_sm3ss1(struct lifter *l, const struct a64_args_crypto4 *a)
{
    ir_ref arguments[3] = {simd_read(l, a->rn), simd_read(l, a->rm), simd_read(l, a->ra)};
    return call_crypto(l, a->rd, A64_HELPER_sm3ss1, arguments, 3);
}
static bool sm3_round(struct lifter *l, const struct a64_args_crypto_index *a, unsigned helper, uint32_t is_late)
{
    ir_ref word = ir_read_part(l->ir, (uint16_t)(AARCH64_SLOT_V0 + a->rm), IR_I32, (uint16_t)(a->index * 4));
    ir_ref arguments[4] = {simd_read(l, a->rd), simd_read(l, a->rn), word, ir_i32(l->ir, is_late)};
    return call_crypto(l, a->rd, helper, arguments, 4);
}
A64_LIFT(sm3tt1a, crypto_index, sm3_round, A64_HELPER_sm3tt1, 0)
A64_LIFT(sm3tt1b, crypto_index, sm3_round, A64_HELPER_sm3tt1, 1)
A64_LIFT(sm3tt2a, crypto_index, sm3_round, A64_HELPER_sm3tt2, 0)
A64_LIFT(sm3tt2b, crypto_index, sm3_round, A64_HELPER_sm3tt2, 1)
A64_LIFT(sm3partw1, crypto3, hash_step, A64_HELPER_sm3partw1)
A64_LIFT(sm3partw2, crypto3, hash_step, A64_HELPER_sm3partw2)
A64_LIFT(sm4e, crypto2, schedule_step, A64_HELPER_sm4e)
bool a64_lift_sm4ekey(struct lifter *l, const struct a64_args_crypto3 *a)
{
    ir_ref arguments[2] = {simd_read(l, a->rn), simd_read(l, a->rm)};
    return call_crypto(l, a->rd, A64_HELPER_sm4ekey, arguments, 2);
}
