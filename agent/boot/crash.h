/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For the first process of a guest, whose end would be the kernel's panic: a fatal signal is said on stderr, and
 * switches the guest off (spec/reliability.md 5.2, F 34). Call it once.
 */
void crash_switch_off(void);
