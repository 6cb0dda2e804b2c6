#include "checksum.h"

extern void countStep(void);

static const uint32_t modulus[2] = {65535, 65521};
static uint32_t last;

static uint32_t fold(uint32_t low, uint32_t high) { return (high % modulus[0]) << 16 | (low % modulus[1]); }

uint32_t fletcher(const unsigned char *data, size_t length) {
    uint32_t low = 0, high = 0;
    for (size_t i = 0; i < length; i++) {
        low += data[i];
        high += low;
        if (i % 8 == 0)
            countStep();
    }
    return last = fold(low, high);
}
