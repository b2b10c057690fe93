/* password_test.c - mirrors lib/user/password.c and password_foreign.c. The hashes were made by
 * Django 5, Werkzeug 3, Passlib 1.7, bcrypt 4, argon2-cffi 25 and libxcrypt 4.4 for one password.
 */
#include "base/handle.h"
#include "base/status.h"
#include "user/password.h"
#include "user/user_help.h"

#include <sys/wait.h>
#include <unistd.h>

#define WORDS "The Third Man, 1949 \xe2\x98\x82"

FIXTURE(user_open, user_close)

static bool right, renew;

static bool opens(const char *password, const char *hash)
{
    OK(password__verify(c, password, hash, &right, &renew, &err));
    return right;
}

TEST(a_password_opens_its_own_hash_and_no_other)
{
    char hash[PASSWORD_HASH_MAX], again[PASSWORD_HASH_MAX];
    OK(password__hash(c, WORDS, hash, &err));
    OK(password__hash(c, WORDS, again, &err));
    ck_assert_str_ne(hash, again);
    ck_assert(!strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31));
    ck_assert(opens(WORDS, hash));
    ck_assert(!renew);
    ck_assert(!opens("the third man, 1949 \xe2\x98\x82", hash));
    ck_assert(!opens("", hash));
}

TEST(no_end_of_a_long_password_is_cut_off)
{
    char hash[PASSWORD_HASH_MAX], text[257] = "";
    memset(text, 'x', 256);
    OK(password__hash(c, text, hash, &err));
    ck_assert(opens(text, hash));
    text[255] = 'y';
    ck_assert(!opens(text, hash));
}

TEST(one_password_has_one_form)
{
    char hash[PASSWORD_HASH_MAX];
    OK(password__hash(c, "Am\xc3\xa9lie Poulain 2001", hash, &err));
    ck_assert(opens("Ame\xcc\x81lie Poulain 2001", hash));
    ck_assert(!opens("Amelie Poulain 2001", hash));
    /* made by a system that did not care */
    ck_assert(opens("Ame\xcc\x81lie Poulain 2001",
                    "$2b$04$RUkL0Fjzai2gSPCLLn8k0.R0jbv2zV4iGzf.uxghz0k6/wfOX79l2"));
}

/* In a process with room for all but the 16 MiB that a hash takes. */
static int without_room(const char *password, const char *hash)
{
    int how = 0;
    pid_t child = fork();
    if (!child) {
        bool limited = test_room(8 << 20);
        cinema_status s = password__verify(c, password, hash, &right, &renew, &err);
        limited = limited && test_room(SIZE_MAX);
        test_leave(!limited ? 99 : right ? 98 : (int)s);
    }
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    return WIFEXITED(how) ? WEXITSTATUS(how) : -1;
}

static const char *const hungry[] = {
    NULL, /* nobody's */
    "$argon2id$v=19$m=19456,t=2,p=1$cFALMSvmUzRVwsC7a7hYeg$lELnACyieiInCkw3zn"
    "kKGqkEfq8w+phA/TJ/vzQwSSU",
    "$argon2id$v=19$m=65536,t=3,p=4$jOqgH9kHdUUuCIP5/VlWDA$hqxxlRxDR9chIj8m0p"
    "TSPViUuo1PHjty5q9zB3x7vq0",
    "scrypt:16384:8:1$nQKsghthKTinlCyW$59271294b175d8a7d7723fa6cd438eb5b743ed8"
    "f7804e8f92975a50ad80646e2636b9dd33e029ccd1b54a0afcfe6e21e264f074b532e739"
    "81a89d3244973b401",
    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$tnSYvahCwPBHKZUspmcxMfb0.WiB9W.zEaKlOBL35rC",
};

/* Somebody who is told that their password is wrong changes it, or is locked out. */
TEST_EACH(a_lack_of_memory_is_no_wrong_password, sizeof hungry / sizeof *hungry)
{
    ck_assert_int_eq(without_room(WORDS, hungry[_i]), CINEMA_NO_MEMORY);
    ck_assert_int_eq(without_room("wrong", hungry[_i]), CINEMA_NO_MEMORY);
}

TEST(nobodys_password_is_never_right)
{
    ck_assert(!opens(WORDS, NULL));
    ck_assert(!opens("", NULL));
    ck_assert(!renew);
}

TEST(a_password_that_is_no_text_is_wrong_and_not_hashed)
{
    char hash[PASSWORD_HASH_MAX], text[2000] = "";
    OK(password__hash(c, WORDS, hash, &err));
    ck_assert(!opens("\xff\xfe", hash));
    memset(text, 'x', sizeof text - 1);
    ck_assert(!opens(text, hash));
    GIVES(CINEMA_INVALID, password__hash(c, "\xff\xfe", hash, &err));
    ck_assert_str_eq(err.field, "password");
}

static const char *const weaker[] = {
    "pbkdf2_sha256$2000$saltysalty$x51uWJLwCJqlVO2k5BpXLDFq8deamdgXj0ovCZ1brv"
    "4=",
    "scrypt$1024$saltysalty$8$5$haPkzVeC0IWTe+qi/f4oDnNCni1dyTbQFofrlfY+ctarf"
    "c3KLx440XwrAqd7f7/qgV4Mds6isICkaSXSFdzbzg==",
    "argon2$argon2id$v=19$m=1024,t=2,p=8$c2FsdHlzYWx0eQ$ys5WnVdj08c4SdMfocSyL"
    "L+GFUP8qiTBRpPEJY62O/I",
    "bcrypt_sha256$$2b$04$2dze55iZ.1KYYqTkeeGaQ.T3yn/sE1gviNor1TV3LXd8upIjsH8"
    "Ua",
    "bcrypt$$2b$04$5V85avC5UUA5w.UQuBmbqeJ9unKVvVTLMENv0GKf8H6FoLDkf0UKG",
    "pbkdf2:sha256:1500$pzNjvHTZk2WRn6ja$3b3b67e456e7889c8e28b05a66f8c3cbfe70"
    "1c05f9d01b120f3dd107ba7bc801",
    "pbkdf2:sha512:1500$tSOgvU7Gulwl2bwP$8cea702961ff7b659be81649b6f8a1ead228"
    "bacead8e5099afcd392042b8248f87a9080b762ab0387a547330bc5a26c188b999105a63"
    "f19cb54aeb9a479615de",
    "scrypt:1024:8:1$nQKsghthKTinlCyW$59271294b175d8a7d7723fa6cd438eb5b743ed8"
    "f7804e8f92975a50ad80646e2636b9dd33e029ccd1b54a0afcfe6e21e264f074b532e739"
    "81a89d3244973b401",
    "$pbkdf2-sha256$1000$itGac661NiYEYOydc641Zg$WfI4.A7KoxfNIgUTUEPT94ixnptyb"
    "T6F/Wv5kV6SRt4",
    "$pbkdf2-sha512$1000$X8s5B8AYY8x5752zFiLkfA$m4Jmns5TV89xUENamhBBrLRUUClAr"
    "eaeVjlXMnEjSN5.k/rQp134uX3LmJO7V5Rtmtiso.vWsOeIH8Ly8Q7OTA",
    "$scrypt$ln=8,r=8,p=1$0dp7L2VMaY3ROkcIodSaEw$ckMSxrYEd/SzRKrxKS23+n+92SyM"
    "I6460I54HvbsJFk",
    "$6$rounds=1000$qGettK2PgaUPXZS5$As4NAbOBAH4LTDjN/k5OWk2Jmexn3ovzo1LRqFiu"
    "NNHBOpMXBZy6fEac0VfG.rkcmeEDORHz8nNrKqqiyCtwQ0",
    "$5$rounds=1000$Elbh6rGEyyc.lO67$L7MnvjUh5Sz/VyBs.1eTNJRkKeXuYmT.p8kYVZZH"
    "Gw7",
    "$2b$04$bXykFgNvy6o9oen4sQOUh.V8vU3SMw6YvJUSFzS7DIUJRUJmkFR7e",
    "$2y$04$bXykFgNvy6o9oen4sQOUh.V8vU3SMw6YvJUSFzS7DIUJRUJmkFR7e",
    "$2a$04$bXykFgNvy6o9oen4sQOUh.V8vU3SMw6YvJUSFzS7DIUJRUJmkFR7e",
    "$argon2id$v=19$m=512,t=2,p=2$7Dn1bFrWVYEH6XKNWm23fQ$Ga+EM5tA7ayh6bljbgtc"
    "F695jo5uh9ir97ZJBjmiXrs",
    "$argon2i$v=19$m=512,t=3,p=2$Wq3p5JY/dCmO50ZvQ28qmw$yqmntEmhLHBRM5P1GOTnh"
    "ONw0D6w78nipXGvaWR6Vd0",
    "$pbkdf2-sha256$i=1200,l=32$MDEyMzQ1Njc4OWFiY2RlZg$1QIP6lfut+DgxlQ1ScllON"
    "iF7zYOjS7xo7L9tJn1+Pw",
    "$y$j75$FtsEFWla2htl/i/P/HzNI.$7nFF3aJBgZDbjdx2f0E4EOdPKfKW31m.vmpH4.rpzvC",
    "$7$86..../....saltysalty$lDU5djYpQTTZqoBbuxOxGK2e4sXciQCypUJo7/Mt5G0",
};

TEST_EACH(hashes_of_other_systems_are_verified_and_to_be_renewed, sizeof weaker / sizeof *weaker)
{
    ck_assert_msg(opens(WORDS, weaker[_i]), "%s", weaker[_i]);
    ck_assert(renew);
    ck_assert(!opens("The Third Man, 1949", weaker[_i]));
    ck_assert(!renew);
}

/* More than the thread that hashes may be kept busy by whoever brings hashes in. */
static const char *const costly[] = {
    "$6$rounds=999999999$saltysalty$8SspSFlWtY7zH5HaJW5hRVFKVFsfxa6JZh8Lu.eR9iRBhhw7lyFAYB2O8jiV94"
    "DcFFsxl.8SXnPnSG5/.39gQ/",
    "$5$rounds=999999999$Elbh6rGEyyc.lO67$L7MnvjUh5Sz/VyBs.1eTNJRkKeXuYmT.p8kYVZZHGw7",
    "$5$rounds=2000001$Elbh6rGEyyc.lO67$L7MnvjUh5Sz/VyBs.1eTNJRkKeXuYmT.p8kYVZZHGw7",
    "$y$jET$O.yFHg0uQu809Jc3h3kr./$mx6xPKlPUsCSIj7dQXH6tgtfUoCQNBbAZTgUUlmsfAC",
    "$y$jFT$O.yFHg0uQu809Jc3h3kr./$mx6xPKlPUsCSIj7dQXH6tgtfUoCQNBbAZTgUUlmsfAC",
    "$7$IU..../....saltysalty$lDU5djYpQTTZqoBbuxOxGK2e4sXciQCypUJo7/Mt5G0",
    "$7$EU....E....saltysalty$lDU5djYpQTTZqoBbuxOxGK2e4sXciQCypUJo7/Mt5G0",
    "$7$8U/.../....saltysalty$lDU5djYpQTTZqoBbuxOxGK2e4sXciQCypUJo7/Mt5G0",
    "scrypt$65536$saltysalty$32$16$haPkzVeC0IWTe+qi/f4oDnNCni1dyTbQFofrlfY+ctarfc3KLx440XwrAqd7f7/q"
    "gV4Mds6isICkaSXSFdzbzg==",
};

TEST_EACH(a_hash_that_takes_too_much_is_of_no_kind_that_is_known, sizeof costly / sizeof *costly)
{
    ck_assert_int_eq(password_compare("", costly[_i]), UNKNOWN_KIND);
}

static const char *const strong[] = {
    "$argon2id$v=19$m=19456,t=2,p=1$cFALMSvmUzRVwsC7a7hYeg$lELnACyieiInCkw3zn"
    "kKGqkEfq8w+phA/TJ/vzQwSSU",
    "$argon2id$v=19$m=65536,t=3,p=4$jOqgH9kHdUUuCIP5/VlWDA$hqxxlRxDR9chIj8m0p"
    "TSPViUuo1PHjty5q9zB3x7vq0",
};

TEST_EACH(a_hash_as_strong_as_ours_stays, sizeof strong / sizeof *strong)
{
    ck_assert_msg(opens(WORDS, strong[_i]), "%s", strong[_i]);
    ck_assert(!renew);
}

/* Broken, not known, or asking for hours of work. */
static const char *const no_good[] = {
    "",
    "x",
    WORDS,
    "$",
    "$2b$04$",
    "$2b$31$7Btg3PCho0NHnobGoE5HZegOtQgUjWmZqZt46jAXun8iICgLOb4SG",
    "$2b$04$7Btg3PCho0NHnobGoE5HZegOtQgUjWmZqZt46jAXun8iICgLOb4S",
    "$1$abcdefgh$G//4keteveJp0qb8z2DxG/",
    "$argon2id$v=19$m=4194304,t=2,p=1$5LwaN/iWz1PlMTWnmlO7Fw$9kUaA74Zin3soaZezEO3nJ7zMg9U5jTly6Z",
    "$argon2id$v=19$m=19456,t=4000000,p=1$5LwaN/iWz1PlMTWnmlO7Fw$9kUaA74Zin3soaZezEO3nJ7zMg9U5jTl",
    "$argon2id$v=19$m=19456$x$y",
    "$argon2d$v=19$m=512,t=2,p=2$3+4/jlc/JlYun70KuBmc+A$LJcPUFlWxe+qu/EEJOVXPL5se39OFTjmWcNSqn3j",
    "pbkdf2_sha256$2000000000$saltysalty$x51uWJLwCJqlVO2k5BpXLDFq8deamdgXj0ovCZ1brv4=",
    "pbkdf2_sha256$0$saltysalty$x51uWJLwCJqlVO2k5BpXLDFq8deamdgXj0ovCZ1brv4=",
    "pbkdf2_sha256$2000$saltysalty$",
    "pbkdf2_sha256$2000$saltysalty$x51u",
    "pbkdf2_sha256$2000$$x51uWJLwCJqlVO2k5BpXLDFq8deamdgXj0ovCZ1brv4=",
    "pbkdf2_sha256$2000$saltysalty$?!",
    "pbkdf2:sha256:1500$G3KMZv6r7tomKzMv$xyz",
    "$pbkdf2-sha256$1000$",
    "$pbkdf2-sha256$$$",
    "$pbkdf2-sha256$1$2$3$4$5$6$7$8",
    "scrypt$1023$saltysalty$8$5$haPkzVeC0IWTe+qi/f4oDnNCni1dyTbQFofrlfY+ctarfc3KLx440XwrAqd7f7/q",
    "scrypt$262144$saltysalty$64$5$haPkzVeC0IWTe+qi/f4oDnNCni1dyTbQFofrlfY+ctarfc3KLx440XwrAqd7f7",
    "scrypt:1024:8:1$5MnxE5MQWRqihBkG$",
    "$scrypt$ln=40,r=8,p=1$cW5NyVmLMUYopdSa8743Jg$eNPX2mcNWsCbt46w9FdtBOsyA4JA/Ii63BNmSVUkmAU",
    "$scrypt$ln=8,r=8$cW5NyVmLMUYopdSa8743Jg$eNPX2mcNWsCbt46w9FdtBOsyA4JA/Ii63BNmSVUkmAU",
    "$6$",
};

TEST_EACH(a_hash_that_is_none_is_never_right, sizeof no_good / sizeof *no_good)
{
    ck_assert_msg(!opens(WORDS, no_good[_i]), "%s", no_good[_i]);
    ck_assert(!opens("", no_good[_i]));
}
