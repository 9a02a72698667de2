#include "CResolver.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

int isthmus_resolver_ask(
    const char *name, int type, uint16_t port, uint8_t *answer, size_t size) {
    struct __res_state state;
    memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0) return ISTHMUS_RESOLVER_NO_ANSWER;
    if (port != 0) {
        state.nscount = 1;
        state.nsaddr_list[0].sin_family = AF_INET;
        state.nsaddr_list[0].sin_port = htons(port);
        state.nsaddr_list[0].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    int length = res_nsearch(&state, name, ns_c_in, type, answer, (int)size);
    int problem = state.res_h_errno;
    res_nclose(&state);
    if (length > (int)size) return ISTHMUS_RESOLVER_NO_ANSWER;
    if (length >= 0) return length;
    return problem == HOST_NOT_FOUND || problem == NO_DATA ? ISTHMUS_RESOLVER_NOTHING
                                                            : ISTHMUS_RESOLVER_NO_ANSWER;
}
