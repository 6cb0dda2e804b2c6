/* Sends itself an ordinary and a real-time signal, and exits 0 only if both arrived. What it then
 * touches says so to somebody who does not see its exit status. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static volatile int arrived;
static void count(int number) { (void)number; arrived++; }

int main(int argc, char **argv) {
    int realtime = SIGRTMIN + 3;
    signal(SIGTRAP, count);
    signal(realtime, count);
    raise(SIGTRAP);
    raise(realtime);
    if (arrived != 2) return 1;
    return argc > 1 && close(open(argv[1], O_CREAT | O_WRONLY, 0600));
}
