/* openssl.c - the arithmetic of signatures, by OpenSSL 3.
 */
#include "port/jose/jose.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

enum { RSA_BITS_MAX = 8192, EXPONENT_MAX = 64 };

struct jose_key {
    jose_kind kind;
    unsigned bits;
    EVP_PKEY *pkey; /* NULL: of a secret */
    size_t length;
    unsigned char secret[];
};

static cinema_status weak(cinema_error *err)
{
    ERR_clear_error();
    return fail(err, CINEMA_INVALID, "bad_keys", NULL, "it is no key, or a weak one");
}

/* ---- RSA ------------------------------------------------------------------------------------- */

static bool in_group(unsigned rest, unsigned prime)
{
    unsigned x = 1, step = 65537 % prime;
    do {
        x = x * step % prime;
        if (x == rest)
            return true;
    } while (x != 1);
    return false;
}

/* Primes of a maker of smart cards were powers of 65537 to small moduli (CVE-2017-15361), and so is
 * their product; of others that is so about once in 2^28. */
static bool has_weak_primes(const BIGNUM *n)
{
    for (unsigned p = 3; p <= 167; p += 2) {
        bool prime = true;
        for (unsigned d = 3; d * d <= p; d += 2)
            prime = prime && p % d;
        if (prime && !in_group((unsigned)BN_mod_word(n, p), p))
            return false;
    }
    return true;
}

static bool rsa_is_strong(const BIGNUM *n, const BIGNUM *e)
{
    int bits = BN_num_bits(n);
    return bits >= 2048 && bits <= RSA_BITS_MAX && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) &&
           BN_num_bits(e) <= EXPONENT_MAX && !has_weak_primes(n);
}

/* ---- making keys ----------------------------------------------------------------------------- */

static EVP_PKEY *build(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *how = params ? EVP_PKEY_CTX_new_from_name(NULL, type, NULL) : NULL;
    if (how && EVP_PKEY_fromdata_init(how) == 1)
        EVP_PKEY_fromdata(how, &key, EVP_PKEY_PUBLIC_KEY, params);
    EVP_PKEY_CTX_free(how);
    return key;
}

static EVP_PKEY *rsa_key(const jose_material *m)
{
    BIGNUM *n = BN_bin2bn(m->n.at, (int)m->n.length, NULL);
    BIGNUM *e = BN_bin2bn(m->e.at, (int)m->e.length, NULL);
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    if (n && e && b && rsa_is_strong(n, e) && OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, e))
        params = OSSL_PARAM_BLD_to_param(b);
    EVP_PKEY *key = build("RSA", params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(b);
    BN_free(n);
    BN_free(e);
    return key;
}

static bool on_curve(EVP_PKEY *key)
{
    EVP_PKEY_CTX *how = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
    bool ok = how && EVP_PKEY_public_check(how) == 1;
    EVP_PKEY_CTX_free(how);
    return ok;
}

static EVP_PKEY *ec_key(const jose_material *m)
{
    unsigned char point[1 + 2 * 66] = { 4 };
    char group[8];
    size_t n = m->x.length;
    snprintf(group, sizeof group, "P-%u", m->bits);
    if (n != m->y.length || n > 66)
        return NULL;
    memcpy(point + 1, m->x.at, n);
    memcpy(point + 1 + n, m->y.at, n);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * n),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *key = build("EC", params);
    if (on_curve(key))
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

static cinema_status key_new(const jose_material *m, jose_key **ret, cinema_error *err)
{
    size_t secret = m->kind == JOSE_SECRET ? m->x.length : 0;
    jose_key *k = calloc(1, sizeof *k + secret);
    if (!k)
        return fail_memory(err);
    *k = (jose_key){ .kind = m->kind, .bits = m->bits, .length = secret };
    if (m->kind == JOSE_RSA)
        k->pkey = rsa_key(m);
    else if (m->kind == JOSE_EC)
        k->pkey = ec_key(m);
    else if (m->kind == JOSE_OKP)
        k->pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, m->x.at, m->x.length);
    else
        memcpy(k->secret, m->x.at, secret);
    if (m->kind == JOSE_SECRET ? !secret : !k->pkey) {
        free(k);
        return weak(err);
    }
    *ret = k;
    return CINEMA_OK;
}

static void key_free(jose_key *k)
{
    if (!k)
        return;
    EVP_PKEY_free(k->pkey);
    OPENSSL_cleanse(k->secret, k->length);
    free(k);
}

/* ---- checking -------------------------------------------------------------------------------- */

typedef struct bytes {
    const unsigned char *at;
    size_t length;
} bytes;

/* 256, 384 or 512 by what ends the algorithm's name. */
static const EVP_MD *hash_of(jose_algorithm a)
{
    if (a & (JOSE_RS256 | JOSE_PS256 | JOSE_ES256 | JOSE_HS256))
        return EVP_sha256();
    if (a & (JOSE_RS384 | JOSE_PS384 | JOSE_ES384 | JOSE_HS384))
        return EVP_sha384();
    return a == JOSE_EDDSA ? NULL : EVP_sha512();
}

static bool is_pss(jose_algorithm a)
{
    return a & (JOSE_PS256 | JOSE_PS384 | JOSE_PS512);
}

static bool pad(EVP_PKEY_CTX *how, jose_algorithm a)
{
    if (!is_pss(a))
        return EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PADDING) > 0;
    return EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(how, hash_of(a)) > 0;
}

static bool check(const jose_key *k, jose_algorithm a, bytes message, bytes signature)
{
    EVP_PKEY_CTX *how = NULL; /* the other's */
    EVP_MD_CTX *x = EVP_MD_CTX_new();
    bool ok = x && EVP_DigestVerifyInit(x, &how, hash_of(a), NULL, k->pkey) == 1 &&
              (k->kind != JOSE_RSA || pad(how, a)) &&
              EVP_DigestVerify(x, signature.at, signature.length, message.at, message.length) == 1;
    EVP_MD_CTX_free(x);
    ERR_clear_error();
    return ok;
}

/* Two numbers of fixed length here, a DER sequence there. */
static bool check_ec(const jose_key *k, jose_algorithm a, bytes message, bytes signature)
{
    static const unsigned char none[1];
    unsigned char *der = NULL;
    int half = (int)(k->bits + 7) / 8, n = 0;
    if (signature.length != 2 * (size_t)half)
        return false;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature.at, half, NULL),
           *s = BN_bin2bn(signature.at + half, half, NULL);
    if (pair && r && s && ECDSA_SIG_set0(pair, r, s)) {
        r = s = NULL; /* the pair's now */
        n = i2d_ECDSA_SIG(pair, &der);
    }
    bool ok = n > 0 && check(k, a, message, (bytes){ der ? der : none, (size_t)n });
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    BN_free(r);
    BN_free(s);
    return ok;
}

static bool check_secret(const jose_key *k, jose_algorithm a, bytes message, bytes signature)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    return HMAC(hash_of(a), k->secret, (int)k->length, message.at, message.length, sum, &n) &&
           signature.length == n && !CRYPTO_memcmp(sum, signature.at, n);
}

static bool verify(const jose_key *k, jose_algorithm a, const void *message, size_t length,
                   const unsigned char *signature, size_t signature_length)
{
    bytes m = { message, length }, s = { signature, signature_length };
    unsigned rsa = (unsigned)a & (JOSE_ES256 - 1);
    switch (k->kind) {
    case JOSE_RSA:
        return rsa && s.length == (size_t)EVP_PKEY_get_size(k->pkey) && check(k, a, m, s);
    case JOSE_EC:
        return a == (k->bits == 256   ? JOSE_ES256
                     : k->bits == 384 ? JOSE_ES384
                                      : JOSE_ES512) &&
               check_ec(k, a, m, s);
    case JOSE_OKP:
        return a == JOSE_EDDSA && s.length == 64 && check(k, a, m, s);
    case JOSE_SECRET:
        return a >= JOSE_HS256 && check_secret(k, a, m, s);
    }
    return false;
}

extern const jose_driver cinema_jose_driver;

__attribute__((visibility("default"))) const jose_driver cinema_jose_driver = {
    .abi = JOSE_DRIVER_ABI,
    .name = "openssl",
    .key_new = key_new,
    .key_free = key_free,
    .verify = verify,
};
