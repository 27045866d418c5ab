/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made by: python3 tests/unit/random_vectors.py > tests/unit/random_vectors.h */
static const struct {
    uint64_t seed;
    uint32_t purpose;
    uint64_t id;
    uint64_t next[4];
    double unit;
    uint64_t below_10, below_3_2_62;
    double normal;
} stream_vectors[] __attribute__((unused)) = {
    {0x0u,
     0x0u,
     0x0u,
     {0x29b8bdb750b85e58u, 0xccefa97e734a2084u, 0x3081e90d6d2f64bau, 0x2cc3833ef913b555u},
     0x1.4dc5edba85c2cp-3,
     1u,
     2621498272268913547u,
     -0x1.e7f1f34c439a2p-2},
    {0x1u,
     0x1u,
     0x0u,
     {0x18b9020390953755u, 0xcf0615411986d770u, 0x132cf7f69807a77du, 0xa7f43e07349ce909u},
     0x1.8b90203909530p-4,
     0u,
     1336093006451698047u,
     -0x1.2e8f71b3c3481p-1},
    {0x1u,
     0x1u,
     0x1u,
     {0x2f61807eacb25675u, 0x028073b576d94369u, 0x7acdb3f6efed52e9u, 0x52a7afb35b971528u},
     0x1.7b0c03f565928p-3,
     1u,
     2560613455556362455u,
     -0x1.d9908790a68bap-3},
    {0x1u,
     0x2u,
     0x0u,
     {0x36ad7f9f4e314e9cu, 0xa041f8db188d42d1u, 0x1954d8b113e46158u, 0xbe43eefbca0840adu},
     0x1.b56bfcfa718a4p-3,
     2u,
     8660838404586074652u,
     -0x1.40d8988693f3fp+0},
    {0x2au,
     0x7u,
     0xf423fu,
     {0xc308bcd0890817e2u, 0x67dd6e671344ce28u, 0xa36162213f1e6558u, 0x4e410c3e471b7cb0u},
     0x1.861179a112102p-1,
     7u,
     10540267680785895913u,
     0x1.70baafa22dd56p+0},
    {0xffffffffffffffffu,
     0xffffffffu,
     0xffffffffffffffffu,
     {0xc1d4bc05ea646d1du, 0x763453373974b0bcu, 0x42024c9016b7ce2cu, 0xdbe7995d98d316dcu},
     0x1.83a9780bd4c8dp-1,
     7u,
     10475246308482044373u,
     0x1.998b1d7c7ab60p+0},
};
static const struct {
    uint64_t word, hash;
} hash_vectors[] __attribute__((unused)) = {
    {0x0000000000000000u, 0xe220a8397b1dcdafu},
    {0x0000000000000001u, 0x910a2dec89025cc1u},
    {0x9e3779b97f4a7c15u, 0x6e789e6aa1b965f4u},
    {0xffffffffffffffffu, 0xe4d971771b652c20u},
};
static const struct {
    uint64_t words[3], value;
} fingerprint_vectors[] __attribute__((unused)) = {
    {{0x0000000000000000u, 0x0000000000000000u, 0x0000000000000000u}, 0xd1f570f01a4c8f66u},
    {{0x0000000000000001u, 0x0000000000000002u, 0x0000000000000003u}, 0x4ae6221f05bada05u},
    {{0xffffffffffffffffu, 0x0000000000000000u, 0x0de0b6b3a7640000u}, 0x87d0c93c7ee97a04u},
};
