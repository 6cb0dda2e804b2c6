// Has pointers to be relocated, a function that the loader chooses, and memory of a thread.
#include <stdio.h>
#include <string.h>
static const char *const words[] = {"forty", "two", "and", "more", "of", "them", "so", "that", "a", "table", "pays"};
static const char *const *rows[512] = {[0 ... 511] = words};
static __thread int calls;
int main(void) {
  size_t length = 0;
  for (int i = 0; i < 512; i++) { length += strlen(rows[i][i % 11]); calls++; }
  printf("%s-%s %zu %d\n", words[0], words[1], length, calls);
  return 0;
}
