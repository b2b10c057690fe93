/* replay.c - runs a fuzz target over files, without libFuzzer: script/test does it with each
 * corpus.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    int done = 0;
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        uint8_t *data = malloc(1 << 20);
        if (!f || !data)
            return 1;
        size_t size = fread(data, 1, 1 << 20, f);
        fclose(f);
        uint8_t *exact = malloc(size ? size : 1); /* so that a read past the end is seen */
        if (!exact)
            return 1;
        for (size_t k = 0; k < size; k++)
            exact[k] = data[k];
        free(data);
        LLVMFuzzerTestOneInput(exact, size);
        free(exact);
        done++;
    }
    printf("%d passed, 0 failed, 0 skipped\n", done);
    return 0;
}
