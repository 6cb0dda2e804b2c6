/* Prints its arguments, its working directory and all that there is in the root. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
    char here[PATH_MAX];
    for (int i = 0; i < argc; i++) printf("argument %s\n", argv[i]);
    printf("directory %s\n", getcwd(here, sizeof here));
    DIR *root = opendir("/");
    for (struct dirent *one; root && (one = readdir(root));)
        if (one->d_name[0] != '.') printf("file %s\n", one->d_name);
    return 0;
}
