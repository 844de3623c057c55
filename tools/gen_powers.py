#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/base/powers_of_ten.c: the leading 128 bits of every power of ten that converting a
double to or from decimal needs.

    python3 tools/gen_powers.py > src/base/powers_of_ten.c
"""

FIRST, LAST = -342, 324  # as SK_POWER_FIRST, SK_POWER_LAST in powers_of_ten.h


def leading_bits(exponent):
    """floor(10^exponent * 2^(127 - floor(log2(10^exponent)))): 128 bits, the highest one set."""
    if exponent >= 0:
        power = 10**exponent
        shift = power.bit_length() - 128
        bits = power >> shift if shift >= 0 else power << -shift
        log2 = power.bit_length() - 1
    else:
        power = 10**-exponent
        # No power of ten but 1 is a power of two, so 1 / power lies strictly below 2^-(length - 1).
        bits = (1 << (127 + power.bit_length())) // power
        log2 = -power.bit_length()
    assert bits.bit_length() == 128
    assert log2 == (exponent * 217706) >> 16, "sk_power_log2() is wrong for this range"
    return bits


print("/* SPDX-License-Identifier: Apache-2.0 */")
print("/* Leading 128 bits of the powers of ten, rounded down. Written by tools/gen_powers.py. */")
print('#include "base/powers_of_ten.h"\n')
print("/* clang-format off */")
print("const struct sk_power sk_powers[SK_POWER_LAST - SK_POWER_FIRST + 1] = {")
for exponent in range(FIRST, LAST + 1):
    bits = leading_bits(exponent)
    high, low = bits >> 64, bits & (1 << 64) - 1
    print(f"  {{UINT64_C(0x{high:016x}), UINT64_C(0x{low:016x})}}, /* {exponent} */")
print("};")
