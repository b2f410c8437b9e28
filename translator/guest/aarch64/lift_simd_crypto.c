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
