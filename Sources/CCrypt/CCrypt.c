#define _GNU_SOURCE
#include "CCrypt.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

int isthmus_password_matches(const char *password, const char *hash) {
    struct crypt_data *data = calloc(1, sizeof *data);
    if (!data) return -1;
    const char *made = crypt_r(password, hash, data);
    int result = -1;
    // A failure is a text that begins with an asterisk.
    if (made && made[0] != '*') {
        size_t length = strlen(hash);
        unsigned char differences = strlen(made) != length;
        // All bytes are looked at, wherever the first difference is.
        for (size_t index = 0; index < length && made[index]; index++)
            differences |= (unsigned char)(made[index] ^ hash[index]);
        result = differences == 0;
    }
    explicit_bzero(data, sizeof *data);
    free(data);
    return result;
}
