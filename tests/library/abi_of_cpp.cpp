// SPDX-License-Identifier: Apache-2.0
// The header is clean in C++, and means the same there.
#include "abi.c"
