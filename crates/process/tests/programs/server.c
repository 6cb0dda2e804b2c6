/* Listens on the port that it is given, a moment late, and answers nobody. It does not set
 * SO_REUSEADDR, so that it fails where the start before it left the port in TIME_WAIT. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    usleep(20000);
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server, (struct sockaddr *)&to, sizeof to) || listen(server, 8)) return 1;
    for (;;) accept(server, 0, 0);
}
