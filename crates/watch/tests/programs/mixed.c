// Takes every turn that the results of its arithmetic tell it to, so that a wrong result is another
// number of instructions. Freestanding: nothing runs but this.
typedef unsigned long word;
typedef unsigned char byte;

static word table[64];
static byte text[64];

static word mix(word a, word b, int shift) {
    a ^= b << (shift & 31);
    a += b >> 3;
    a *= 0x9e3779b97f4a7c15ul;
    if ((long)a < (long)b) a = ~a - b;
    if ((unsigned)a > (unsigned)b) a = (a << 7) | (a >> 57);
    return a;
}

static int count(const byte *from, int length) {
    int found = 0;
    for (int at = 0; at < length; at++) {
        if ((signed char)from[at] < 0) found += from[at] & 3;
        else if (from[at] % 2) found -= 1;
    }
    return found;
}

__attribute__((noinline)) int main(void) {
    __asm__ volatile("");
    return 0;
}

void _start(void) {
    word seed = 42;
    for (int round = 0; round < 3; round++) {
        for (int at = 0; at < 16; at++) {
            seed = mix(seed, table[(at * 7 + round) & 63] + at, at);
            table[at] = seed;
            text[at] = (byte)(seed >> 13);
            while (seed & 6) seed = (seed >> 1) ^ (short)seed;
        }
        int found = count(text, 16);
        for (; found > 0; found--) seed += (int)seed >> found;
        unsigned __int128 wide = (unsigned __int128)seed * table[round];
        seed ^= (word)(wide >> 64);
        if (__builtin_popcountl(seed) > 30) seed = __builtin_bswap64(seed);
    }
    if (seed % 3 == 1) table[0]++;
    main();
    for (;;) __asm__ volatile("syscall" ::"a"(60), "D"(0));
}
