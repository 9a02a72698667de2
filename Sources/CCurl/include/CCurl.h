#pragma once
// libcurl for Swift: its functions with a variable number of arguments, each with the one type that
// an option takes. Swift imports the rest of libcurl as it is.
#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

// MARK: Options of one transfer

static inline CURLcode isthmus_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode isthmus_curl_set_offset(CURL *handle, CURLoption option, int64_t value) {
    return curl_easy_setopt(handle, option, (curl_off_t)value);
}

/// Copies the text (but for POSTFIELDS); null unsets the option.
static inline CURLcode isthmus_curl_set_text(CURL *handle, CURLoption option, const char *text) {
    return curl_easy_setopt(handle, option, text);
}

static inline CURLcode isthmus_curl_set_pointer(CURL *handle, CURLoption option, void *pointer) {
    return curl_easy_setopt(handle, option, pointer);
}

/// Keeps a copy of the bytes as a file that is not on disk.
static inline CURLcode isthmus_curl_set_blob(
    CURL *handle, CURLoption option, const void *bytes, size_t length) {
    struct curl_blob blob = {(void *)bytes, length, CURL_BLOB_COPY};
    return curl_easy_setopt(handle, option, &blob);
}

/// Keeps a copy of the bytes as the body of a POST.
static inline CURLcode isthmus_curl_set_body(CURL *handle, const char *bytes, size_t length) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    if (code != CURLE_OK) return code;
    return curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, bytes);
}

/// The list must outlive the transfer.
static inline CURLcode isthmus_curl_set_list(
    CURL *handle, CURLoption option, struct curl_slist *list) {
    return curl_easy_setopt(handle, option, list);
}

/// Called with bytes, 1, their number and the pointer; gives the number, or another number to fail.
typedef size_t (*isthmus_curl_receiver)(char *bytes, size_t one, size_t count, void *pointer);

static inline CURLcode isthmus_curl_set_receiver(
    CURL *handle, CURLoption option, isthmus_curl_receiver receiver) {
    return curl_easy_setopt(handle, option, receiver);
}

/// Called with the pointer and each socket that is made, before it connects; gives 0.
static inline CURLcode isthmus_curl_set_socket_observer(
    CURL *handle, curl_sockopt_callback observer, void *pointer) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, observer);
    if (code != CURLE_OK) return code;
    return curl_easy_setopt(handle, CURLOPT_SOCKOPTDATA, pointer);
}

// MARK: Facts about one transfer

static inline long isthmus_curl_long(CURL *handle, CURLINFO fact) {
    long value = 0;
    return curl_easy_getinfo(handle, fact, &value) == CURLE_OK ? value : 0;
}

static inline int64_t isthmus_curl_offset(CURL *handle, CURLINFO fact) {
    curl_off_t value = 0;
    return curl_easy_getinfo(handle, fact, &value) == CURLE_OK ? value : 0;
}

/// What the server has shown of itself, with CURLOPT_CERTINFO; null where nothing. It lives until the
/// next transfer of the handle.
static inline const struct curl_certinfo *isthmus_curl_certificates(CURL *handle) {
    struct curl_certinfo *shown = NULL;
    return curl_easy_getinfo(handle, CURLINFO_CERTINFO, &shown) == CURLE_OK ? shown : NULL;
}

// MARK: All transfers together

static inline CURLMcode isthmus_curl_multi_set_long(
    CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// The next transfer that has ended, with its outcome; null where there is none.
static inline CURL *isthmus_curl_multi_ended(CURLM *multi, CURLcode *code) {
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
        if (message->msg != CURLMSG_DONE) continue;
        *code = message->data.result;
        return message->easy_handle;
    }
    return NULL;
}
