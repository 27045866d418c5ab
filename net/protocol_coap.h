/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/protocol_coap.h - what CoAP is for links, on datagrams (protocol_coap.c) and on a stream
 * (protocol_coap_tcp.c) alike. Private to the two. */
#ifndef NET_PROTOCOL_COAP_H
#define NET_PROTOCOL_COAP_H

#include "net/coap_client.h"
#include "net/protocol.h"

/* A response, or that there is none, as the link's owner hears it. */
void net_coap_tell(net_link *link, const net_coap_response *r);
void net_coap_tell_failed(net_link *link, uint32_t tag, int error);
/* As net_protocol.ask has it. */
SIM_MUST_USE int net_coap_ask(net_coap_client *client, const net_protocol_settings *settings,
                              sim_time now, const net_ask *ask);
/* As net_protocol.answer_text has it. */
const char *net_coap_answer_text(uint16_t detail);

#endif
