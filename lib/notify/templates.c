/* templates.c - every mail we send, in every language we know.
 */
#include "notify/template.h"

#include <string.h>

#define NOT_YOU_EN                                                                                 \
    "If this was not you, set a new password at once: {site} ends all your sessions then."
#define NOT_YOU_DE                                                                                 \
    "Waren Sie das nicht, dann setzen Sie sofort ein neues Passwort: {site} beendet dann alle "    \
    "Ihre Sitzungen."

/* clang-format off */
const template cinema__templates[] = {
    { "verify_email", "/verify-email", "token", true, {
      { "Confirm your e-mail address",
        "This address was given to open an account at {site}. Please confirm that it is yours:\n\n"
        "{link}\n\n"
        "The link works once and for a limited time. If you know nothing of this, ignore this "
        "message: without a confirmation nothing happens." },
      { "Bestätigen Sie Ihre E-Mail-Adresse",
        "mit dieser Adresse soll ein Konto bei {site} eröffnet werden. Bitte bestätigen Sie, dass "
        "sie Ihnen gehört:\n\n"
        "{link}\n\n"
        "Der Link gilt einmal und nur für begrenzte Zeit. Wissen Sie davon nichts, dann ist nichts "
        "zu tun: Ohne Bestätigung geschieht nichts." } } },
    { "address_known", NULL, "", true, {
      { "You already have an account",
        "Somebody, probably you, wanted to open an account at {site} with this address. There is "
        "one already: sign in with it, or ask for a new password there.\n\n"
        "If this was not you, nothing needs to be done." },
      { "Sie haben bereits ein Konto",
        "jemand, vermutlich Sie selbst, wollte bei {site} mit dieser Adresse ein Konto eröffnen. Es "
        "gibt bereits eines: Melden Sie sich damit an, oder fordern Sie dort ein neues Passwort "
        "an.\n\n"
        "Waren Sie das nicht, dann ist nichts zu tun." } } },
    { "register_again", "/reset-password", "token", true, {
      { "Choose a password",
        "This address was given more than once to open an account at {site}. If it was you, choose "
        "the password here:\n\n"
        "{link}\n\n"
        "The link works once and for a limited time. If you know nothing of this, ignore this "
        "message: nobody can use the account until then." },
      { "Wählen Sie ein Passwort",
        "mit dieser Adresse soll mehr als einmal ein Konto bei {site} eröffnet worden sein. Wenn Sie "
        "es waren, wählen Sie hier das Passwort:\n\n"
        "{link}\n\n"
        "Der Link gilt einmal und für begrenzte Zeit. Wenn Sie nichts davon wissen, beachten Sie "
        "diese Nachricht nicht: Bis dahin kann niemand das Konto benutzen." } } },
    { "reset_password", "/reset-password", "token", true, {
      { "Set a new password",
        "A new password was asked for your account at {site}. Set it here:\n\n"
        "{link}\n\n"
        "The link works once and for a limited time. If you did not ask for this, ignore this "
        "message: your password stays as it is." },
      { "Neues Passwort setzen",
        "für Ihr Konto bei {site} wurde ein neues Passwort angefordert. Setzen Sie es hier:\n\n"
        "{link}\n\n"
        "Der Link gilt einmal und nur für begrenzte Zeit. Haben Sie das nicht angefordert, dann ist "
        "nichts zu tun: Ihr Passwort bleibt, wie es ist." } } },
    { "email_change", "/verify-email", "token", true, {
      { "Confirm your new e-mail address",
        "An account at {site} shall have this address from now on. Please confirm that it is "
        "yours:\n\n"
        "{link}\n\n"
        "The link works once and for a limited time. If you know nothing of this, ignore this "
        "message." },
      { "Bestätigen Sie Ihre neue E-Mail-Adresse",
        "ein Konto bei {site} soll künftig diese Adresse haben. Bitte bestätigen Sie, dass sie "
        "Ihnen gehört:\n\n"
        "{link}\n\n"
        "Der Link gilt einmal und nur für begrenzte Zeit. Wissen Sie davon nichts, dann ist nichts "
        "zu tun." } } },
    { "email_changed", NULL, "", false, {
      { "Your e-mail address is being changed",
        "Another e-mail address was given for your account at {site}. Messages will go there once "
        "it is confirmed.\n\n" NOT_YOU_EN },
      { "Ihre E-Mail-Adresse wird geändert",
        "für Ihr Konto bei {site} wurde eine andere E-Mail-Adresse angegeben. Sobald sie bestätigt "
        "ist, gehen Nachrichten dorthin.\n\n" NOT_YOU_DE } } },
    { "password_changed", NULL, "", false, {
      { "Your password was changed",
        "The password of your account at {site} was changed.\n\n" NOT_YOU_EN },
      { "Ihr Passwort wurde geändert",
        "das Passwort Ihres Kontos bei {site} wurde geändert.\n\n" NOT_YOU_DE } } },
    { "totp_on", NULL, "", false, {
      { "Two-factor sign-in is on",
        "Signing in to your account at {site} now asks for a code of your authenticator app. Keep "
        "your backup codes in a safe place.\n\n" NOT_YOU_EN },
      { "Anmeldung mit zweitem Faktor ist eingeschaltet",
        "die Anmeldung an Ihrem Konto bei {site} verlangt jetzt einen Code Ihrer "
        "Authenticator-App. Bewahren Sie Ihre Ersatzcodes sicher auf.\n\n" NOT_YOU_DE } } },
    { "totp_off", NULL, "", false, {
      { "Two-factor sign-in is off",
        "Signing in to your account at {site} no longer asks for a code.\n\n" NOT_YOU_EN },
      { "Anmeldung mit zweitem Faktor ist ausgeschaltet",
        "die Anmeldung an Ihrem Konto bei {site} verlangt keinen Code mehr.\n\n" NOT_YOU_DE } } },
    { "backup_codes_new", NULL, "", false, {
      { "You have new backup codes",
        "New backup codes were made for your account at {site}. The old ones no longer "
        "work.\n\n" NOT_YOU_EN },
      { "Sie haben neue Ersatzcodes",
        "für Ihr Konto bei {site} wurden neue Ersatzcodes erstellt. Die alten gelten nicht "
        "mehr.\n\n" NOT_YOU_DE } } },
    { "backup_code_used", NULL, "", false, {
      { "A backup code was used",
        "Somebody signed in to your account at {site} with a backup code, which is used up "
        "now.\n\n" NOT_YOU_EN },
      { "Ein Ersatzcode wurde benutzt",
        "jemand hat sich an Ihrem Konto bei {site} mit einem Ersatzcode angemeldet; dieser ist "
        "damit verbraucht.\n\n" NOT_YOU_DE } } },
    { "identity_linked", NULL, "provider", false, {
      { "Another way to sign in was added",
        "Your account at {site} can now be signed in to with {provider}.\n\n" NOT_YOU_EN },
      { "Ein weiterer Anmeldeweg wurde hinzugefügt",
        "an Ihrem Konto bei {site} kann man sich jetzt auch mit {provider} "
        "anmelden.\n\n" NOT_YOU_DE } } },
    { "identity_unlinked", NULL, "provider", false, {
      { "A way to sign in was removed",
        "Your account at {site} can no longer be signed in to with {provider}.\n\n" NOT_YOU_EN },
      { "Ein Anmeldeweg wurde entfernt",
        "an Ihrem Konto bei {site} kann man sich nicht mehr mit {provider} "
        "anmelden.\n\n" NOT_YOU_DE } } },
    { "account_deletion", NULL, "date", false, {
      { "Your account will be deleted",
        "Your account at {site} will be deleted on {date}. Until then you can have it back: just "
        "sign in.\n\n" NOT_YOU_EN },
      { "Ihr Konto wird gelöscht",
        "Ihr Konto bei {site} wird am {date} gelöscht. Bis dahin können Sie es zurückhaben: Melden "
        "Sie sich einfach an.\n\n" NOT_YOU_DE } } },
    { "account_restored", NULL, "", false, {
      { "Your account stays",
        "You have signed in, so your account at {site} will not be deleted.\n\n" NOT_YOU_EN },
      { "Ihr Konto bleibt bestehen",
        "Sie haben sich angemeldet; Ihr Konto bei {site} wird daher nicht "
        "gelöscht.\n\n" NOT_YOU_DE } } },
    { "new_sign_in", NULL, "device address time", false, {
      { "New sign-in to your account",
        "Somebody signed in to your account at {site} from a device or a network that it has "
        "not been used from before.\n\n"
        "Device: {device}\nAddress: {address}\nTime: {time}\n\n"
        "If this was you, nothing needs to be done. " NOT_YOU_EN },
      { "Neue Anmeldung an Ihrem Konto",
        "jemand hat sich an Ihrem Konto bei {site} von einem Gerät oder aus einem Netz angemeldet, "
        "von dem aus es bisher nicht benutzt wurde.\n\n"
        "Gerät: {device}\nAdresse: {address}\nZeit: {time}\n\n"
        "Waren Sie es selbst, dann ist nichts zu tun. " NOT_YOU_DE } } },
    { .name = NULL },
};
/* clang-format on */

const template *template_find(const char *name)
{
    const template *t = cinema__templates;
    while (t->name && strcmp(t->name, name))
        t++;
    return t->name ? t : NULL;
}
