/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/papers.h - certificates and keys for tests, made by papers.sh. */
#ifndef TESTS_UNIT_PAPERS_H
#define TESTS_UNIT_PAPERS_H

static const char papers_ours[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBdTCCARugAwIBAgIUCYrEta1fqKjs1qOwURr0gL3IkEYwCgYIKoZIzj0EAwIw\n"
    "DzENMAsGA1UEAwwEb3VyczAgFw0yNjExMzAwOTExNDVaGA8yMTI2MTEwNjA5MTE0\n"
    "NVowDzENMAsGA1UEAwwEb3VyczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGg4\n"
    "AiUchXEZ6CpIELg8F8+dA/gaPkQKm+tJWF5wcpTwe9sLGiA8wjxZxJcEKausYb0s\n"
    "hfK5qWCn5nZidlYwnlujUzBRMB0GA1UdDgQWBBQNjRljCSOY50JieEwhjquiP0Wj\n"
    "NzAfBgNVHSMEGDAWgBQNjRljCSOY50JieEwhjquiP0WjNzAPBgNVHRMBAf8EBTAD\n"
    "AQH/MAoGCCqGSM49BAMCA0gAMEUCIFErE8Rn7oV6HJsUdZ3zNmlaN/jU0wJC46ba\n"
    "fpkkoKx/AiEAiukSLLwnHGC2Rc5wuvdwmzkWEDGu1ryuHv7doPNxzrA=\n"
    "-----END CERTIFICATE-----\n";
static const char papers_theirs[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBeDCCAR+gAwIBAgIUYxnjs+p4Crc0TfeoQV3avkbW4KowCgYIKoZIzj0EAwIw\n"
    "ETEPMA0GA1UEAwwGdGhlaXJzMCAXDTI2MTEzMDA5MTE0NVoYDzIxMjYxMTA2MDkx\n"
    "MTQ1WjARMQ8wDQYDVQQDDAZ0aGVpcnMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AAQq3C/HPpLFe0fO3dMGjcCICZ1jSjmxOSixxK5GPMFBBIPsbT8hquCDNVBt6SLI\n"
    "jREUrKK0rBm3tL7rQ16WRD6uo1MwUTAdBgNVHQ4EFgQUJAgWoHNp6EEuvv3vIRBn\n"
    "/pD7oQIwHwYDVR0jBBgwFoAUJAgWoHNp6EEuvv3vIRBn/pD7oQIwDwYDVR0TAQH/\n"
    "BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiATDfm6teBMWnwDB6d/FbVVmKLzLw9W\n"
    "+SgJCPPKQmVrogIga38pKn0UZ/9PMQu8sIKnK4rkTMbQO8H8iZeYfIDyyho=\n"
    "-----END CERTIFICATE-----\n";
static const char papers_server[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBhjCCASugAwIBAgIUY8La5Ih+wjxJViHzIeSYRxs5ioowCgYIKoZIzj0EAwIw\n"
    "DzENMAsGA1UEAwwEb3VyczAgFw0yNjExMzAwOTExNDZaGA8yMTI2MTEwNjA5MTE0\n"
    "NlowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD\n"
    "QgAE42Yx8Icopvv8mqr//FUWvrHqbqQa4slomOqmqBI9sYW4IaXR50fGqQnn9krT\n"
    "AnWby0rBnb+eqHurslqsdSsD96NeMFwwGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/\n"
    "AAABMB0GA1UdDgQWBBRfLnBBRUs0wKAvGSKmHqY2PWSitDAfBgNVHSMEGDAWgBQN\n"
    "jRljCSOY50JieEwhjquiP0WjNzAKBggqhkjOPQQDAgNJADBGAiEA01FPOpmcD0/D\n"
    "5hLwcngblTOQiKj538jG0qccqx+P6vkCIQDskGTrJUJvTAgog1+FM5SYfj/8ZKl2\n"
    "1v2bGRykhP8sRA==\n"
    "-----END CERTIFICATE-----\n";
static const char papers_server_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbnS93ft+XceFxrRN\n"
    "/zCFhHVQJaftEd4mycslQYOR7LuhRANCAATjZjHwhyim+/yaqv/8VRa+sepupBri\n"
    "yWiY6qaoEj2xhbghpdHnR8apCef2StMCdZvLSsGdv56oe6uyWqx1KwP3\n"
    "-----END PRIVATE KEY-----\n";
static const char papers_client[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBgDCCASagAwIBAgIUFcgLi2/qZHHjzZmoSLEAF4IfjJ0wCgYIKoZIzj0EAwIw\n"
    "DzENMAsGA1UEAwwEb3VyczAgFw0yNjExMzAwOTExNDdaGA8yMTI2MTEwNjA5MTE0\n"
    "N1owFjEUMBIGA1UEAwwLYnMtMDAwMDAwMDEwWTATBgcqhkjOPQIBBggqhkjOPQMB\n"
    "BwNCAASWeIIUHF2dajnb4U1AYj3AdfLIB9ezUtvi3brMcKgchH84RwKT0/1e9QAz\n"
    "Eze3iMEGTNhULQBVgYZPoPSmlxEzo1cwVTATBgNVHSUEDDAKBggrBgEFBQcDAjAd\n"
    "BgNVHQ4EFgQUxu9NphweMU1JvdQVIVwGx9yx52swHwYDVR0jBBgwFoAUDY0ZYwkj\n"
    "mOdCYnhMIY6roj9FozcwCgYIKoZIzj0EAwIDSAAwRQIhAKCPISo0IzlACnqih3PK\n"
    "lv7GT18LzWXq0xDp13s2LDe4AiA2f7R3f+UdoTGPQQTRyEe536QDkNDpj4n8BCKC\n"
    "Y0SQbA==\n"
    "-----END CERTIFICATE-----\n";
static const char papers_client_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCa8Lsg2uYANoN5eh\n"
    "pOk2vhvUtbfAh0KymqScA+XMv0ehRANCAASWeIIUHF2dajnb4U1AYj3AdfLIB9ez\n"
    "Utvi3brMcKgchH84RwKT0/1e9QAzEze3iMEGTNhULQBVgYZPoPSmlxEz\n"
    "-----END PRIVATE KEY-----\n";

#endif
