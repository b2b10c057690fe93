/* mail_help.c - what the tests of the mail port share.
 */
#include "port/mail_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

cinema *mail_c;
cinema_error mail_err;
static char folder[400], box[512];

/* ---- the server ------------------------------------------------------------------------------ */

const char *mail_test_url(void)
{
    const char *url = getenv("CINEMA_TEST_MAIL_URL");
    return url && *url ? url : NULL;
}

void mail_test_certificate(char *path, size_t size)
{
    snprintf(path, size, "%s", strstr(mail_test_url(), "sslrootcert=") + 12);
}

static void beside_certificate(const char *name, char *path, size_t size)
{
    char certificate[400];
    mail_test_certificate(certificate, sizeof certificate);
    snprintf(path, size, "%.*s/%s", (int)(strrchr(certificate, '/') - certificate), certificate,
             name);
}

int mail_test_port(int which)
{
    char path[512];
    int ports[3];
    beside_certificate("ports", path, sizeof path);
    FILE *f = fopen(path, "re");
    ck_assert(f && fscanf(f, "%d %d %d", &ports[0], &ports[1], &ports[2]) == 3);
    fclose(f);
    return ports[which];
}

/* ---- sending --------------------------------------------------------------------------------- */

void mail_open_with(const char *url)
{
    char data[600], where[700];
    const char *settings[] = { data, "CINEMA_MAIL_FROM=Filme für alle <films@site.example>",
                               where };
    cinema_options options = { settings, url ? 3 : 2 };
    cinema_close(mail_c);
    mail_c = NULL;
    if (!*folder)
        test_folder(folder, sizeof folder);
    snprintf(data, sizeof data, "CINEMA_DATA_DIR=%s", folder);
    snprintf(where, sizeof where, "CINEMA_MAIL_URL=%s", url ? url : "");
    snprintf(box, sizeof box, "%s/mail", folder);
    if (url && strncmp(url, "file:", 5))
        beside_certificate("box", box, sizeof box);
    ck_assert_msg(cinema_open_with(&options, &mail_c, &mail_err) == CINEMA_OK, "%s",
                  mail_err.message);
}

void mail_stop(void)
{
    cinema_close(mail_c);
    mail_c = NULL;
}

const char *mail_folder(void)
{
    return folder;
}

mail_message mail_new(const char *to)
{
    static char id[64];
    static int count;
    snprintf(id, sizeof id, "t%d-%d", (int)getpid(), ++count);
    return (mail_message){ .to = to,
                           .to_name = "Anna Müller",
                           .subject = "Your password was changed",
                           .text = "Hello\n",
                           .html = "<p>Hello</p>\n",
                           .id = id,
                           .at = INT64_C(1780000000123) };
}

/* ---- what arrived ---------------------------------------------------------------------------- */

/* Finds by the envelope where there is one, else by the header. */
static const char script[] =
    "import email, email.policy, json, pathlib, sys\n"
    "box, to, what = sys.argv[1:]\n"
    "found = []\n"
    "for path in sorted(pathlib.Path(box).glob('[!.]*')):\n"
    "    raw = path.read_bytes()\n"
    "    head = {}\n"
    "    if path.suffix != '.eml':\n"
    "        line, raw = raw.split(b'\\n', 1)\n"
    "        head = json.loads(line)\n"
    "    m = email.message_from_bytes(raw, policy=email.policy.default)\n"
    "    at = head['to'] if head else [a.addr_spec for a in m['to'].addresses]\n"
    "    if at == [to]:\n"
    "        found.append((head, m, raw))\n"
    "if what == 'count':\n"
    "    sys.exit(print(len(found)))\n"
    "if len(found) != 1:\n"
    "    sys.exit(f'{len(found)} messages to {to}')\n"
    "head, m, raw = found[0]\n"
    "assert not m.defects, m.defects\n"
    "parts = {p.get_content_subtype(): p for p in m.walk() if not p.is_multipart()}\n"
    "out = {'subject': m['subject'], 'from': m['from'], 'to': m['to'], 'id': m['message-id'],\n"
    "       'date': m['date'], 'tls': head.get('tls'), 'login': head.get('login'),\n"
    "       'type': m.get_content_type(), 'raw': raw.decode('ascii'),\n"
    "       'headers': ' '.join(m.keys())}.get(what)\n"
    "if what in ('text', 'html'):\n"
    "    out = parts['plain' if what == 'text' else 'html'].get_content().replace('\\r\\n', "
    "'\\n')\n"
    "sys.stdout.write(str(out))\n";

static const char *ask(const char *to, const char *what)
{
    static char answer[1 << 18];
    int out[2], status = 0;
    size_t n = 0;
    ck_assert(!pipe(out));
    pid_t child = fork();
    if (!child) {
        dup2(out[1], 1);
        execlp("python3", "python3", "-Bc", script, box, to, what, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    for (ssize_t got; (got = read(out[0], answer + n, sizeof answer - 1 - n)) > 0;)
        n += (size_t)got;
    answer[n] = '\0';
    close(out[0]);
    waitpid(child, &status, 0);
    ck_assert_msg(status == 0, "no reader could make sense of the mail to %s", to);
    return answer;
}

const char *mail_read(const char *to, const char *what)
{
    return ask(to, what);
}

const char *mail_raw(const char *to)
{
    return ask(to, "raw");
}

int mail_count(const char *to)
{
    return (int)strtol(ask(to, "count"), NULL, 10);
}
