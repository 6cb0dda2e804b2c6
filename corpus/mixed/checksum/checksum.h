#include <stddef.h>
#include <stdint.h>

uint32_t fletcher(const unsigned char *data, size_t length);
