/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a filter: what the check takes must run to a verdict. A copy of the exact size finds reads behind the
 * end. */
#include "fuzz.h"
#include "seccomp_program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct seccomp_data call = {.nr = (int)fuzz_take(&input, 4), .arch = (uint32_t)fuzz_take(&input, 4)};
    for (int i = 0; i < 6; i++) {
        call.args[i] = fuzz_take(&input, 4) << (i & 1 ? 32 : 0);
    }
    unsigned count = (unsigned)(input.size / sizeof(struct sock_filter));
    struct sock_filter *code = malloc(count * sizeof *code + 1);
    FUZZ_CHECK(code);
    memcpy(code, input.data, count * sizeof *code);
    if (seccomp_program_is_valid(code, count)) {
        uint32_t verdict = seccomp_program_run(code, &call);
        FUZZ_CHECK(verdict == seccomp_program_run(code, &call));
    }
    free(code);
    return 0;
}
