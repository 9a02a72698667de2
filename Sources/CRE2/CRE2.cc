#include "CRE2.h"

#include <re2/re2.h>

#include <string>
#include <vector>

struct isthmus_re2 {
    RE2 re;
    std::string error_argument;
    isthmus_re2(re2::StringPiece pattern, const RE2::Options &options) : re(pattern, options) {
        error_argument = re.error_arg();
    }
};

extern "C" {

isthmus_re2 *isthmus_re2_make(const char *pattern, size_t length) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(true);
    return new isthmus_re2(re2::StringPiece(pattern, length), options);
}

void isthmus_re2_free(isthmus_re2 *re) { delete re; }

const char *isthmus_re2_error(const isthmus_re2 *re) {
    return re->re.ok() ? nullptr : re->re.error().c_str();
}

const char *isthmus_re2_error_argument(const isthmus_re2 *re) {
    return re->error_argument.c_str();
}

bool isthmus_re2_matches(const isthmus_re2 *re, const char *text, size_t length) {
    return re->re.Match(
        re2::StringPiece(text, length), 0, length, RE2::ANCHOR_BOTH, nullptr, 0);
}

int isthmus_re2_group_count(const isthmus_re2 *re) {
    return re->re.NumberOfCapturingGroups();
}

int isthmus_re2_group_named(const isthmus_re2 *re, const char *name, size_t length) {
    const auto &groups = re->re.NamedCapturingGroups();
    const auto found = groups.find(std::string(name, length));
    return found == groups.end() ? -1 : found->second;
}

static bool find(
    const isthmus_re2 *re, const char *text, size_t length, size_t start, RE2::Anchor anchor,
    ptrdiff_t *spans, int count) {
    std::vector<re2::StringPiece> pieces(count);
    if (!re->re.Match(re2::StringPiece(text, length), start, length, anchor, pieces.data(),
                      count)) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        const bool took_part = pieces[i].data() != nullptr;
        spans[2 * i] = took_part ? pieces[i].data() - text : -1;
        spans[2 * i + 1] = took_part ? static_cast<ptrdiff_t>(pieces[i].size()) : -1;
    }
    return true;
}

bool isthmus_re2_groups(
    const isthmus_re2 *re, const char *text, size_t length, ptrdiff_t *spans, int count) {
    return find(re, text, length, 0, RE2::ANCHOR_BOTH, spans, count);
}

bool isthmus_re2_search(
    const isthmus_re2 *re, const char *text, size_t length, size_t start, ptrdiff_t *spans,
    int count) {
    return find(re, text, length, start, RE2::UNANCHORED, spans, count);
}
}
