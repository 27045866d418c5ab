/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/serve/clients.h"

#include "sim/core/heap.h"

void serve_clients_init(serve_clients *c, uint32_t maximum) {
    *c = (serve_clients){0};
    sim_slots_init(&c->slots, maximum);
    sim_map_init(&c->by_address);
}

void serve_clients_deinit(serve_clients *c) {
    for (size_t i = 0; i < c->room; i++) sim_free(c->items[i]);
    sim_free(c->items);
    sim_slots_deinit(&c->slots);
    sim_map_deinit(&c->by_address);
}

static int room_for(serve_clients *c, uint32_t slot) {
    if (slot < c->room) return 0;
    size_t room = 2 * (size_t)slot + 16;
    serve_client **items = sim_realloc(c->items, room * sizeof(serve_client *));
    if (items == NULL) return SIM_ENOMEM;
    for (size_t i = c->room; i < room; i++) items[i] = NULL;
    c->items = items;
    c->room = room;
    return 0;
}

serve_client *serve_clients_add(serve_clients *c, const net_address *from) {
    uint32_t taken;
    uint64_t hash = net_address_hash(from);
    if (sim_map_get(&c->by_address, hash, &taken)) return NULL;
    serve_client *client = sim_calloc(1, sizeof *client);
    if (client == NULL || sim_slots_take(&c->slots, &client->id) != 0) {
        sim_free(client);
        return NULL;
    }
    client->from = *from;
    client->memory.port = from->port;
    if (room_for(c, client->id.slot) == 0 &&
        sim_map_put(&c->by_address, hash, client->id.slot) == 0) {
        c->items[client->id.slot] = client;
        return client;
    }
    SIM_PROMISE(sim_slots_give_back(&c->slots, client->id) == 0);
    sim_free(client);
    return NULL;
}

serve_client *serve_clients_at(const serve_clients *c, const net_address *from) {
    uint32_t slot;
    if (!sim_map_get(&c->by_address, net_address_hash(from), &slot)) return NULL;
    serve_client *client = c->items[slot];
    return net_address_equal(&client->from, from) ? client : NULL;
}

void serve_clients_remove(serve_clients *c, serve_client *client) {
    sim_map_remove(&c->by_address, net_address_hash(&client->from));
    c->items[client->id.slot] = NULL;
    SIM_PROMISE(sim_slots_give_back(&c->slots, client->id) == 0);
    sim_free(client);
}
