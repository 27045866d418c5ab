/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart version` */
#include "blackstart_version.h"
#include "lua/script.h"
#include "net/coap_client.h"
#include "net/mqtt_client.h"
#include "net/real_loop.h"
#include "net/secure.h"
#include "sim/cli/cli.h"

const cli_command cli_version_command = {
    .name = "version",
    .title = "says which version this is",
    .usage = "",
    .examples = "  blackstart version\n",
    .about =
        "Says which version this is, of which commit and with which libraries, and its licence.",
};

cli_exit cli_version(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    cli_words words = {0};
    cli_exit trouble = cli_options_parse(&cli_version_command, argc, argv, NULL, &words, t);
    if (trouble == CLI_EXIT_PASS && words.help)
        cli_help_for(&cli_version_command);
    else if (trouble == CLI_EXIT_PASS)
        printf(
            "blackstart %s\n"
            "commit %s\n"
            "%s, libmosquitto %s, wolfSSL %s, libuv %s, %s\n"
            "built with " BLACKSTART_LIBRARIES
            "\n"
            "Licence GPL-3.0-or-later. Free software, without any warranty.\n",
            BLACKSTART_VERSION, BLACKSTART_COMMIT, net_coap_version(), net_mqtt_version(),
            net_secure_version(), net_real_loop_version(), script_lua_version());
    cli_words_deinit(&words);
    return trouble;
}
