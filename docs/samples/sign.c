/* Signs for an app: `sign METHOD PATH [BODY]` prints the Authorization header of a call, `sign NTRIP /MOUNTPOINT` the
   password of signed NTRIP. From the environment: APP_KEY, APP_SECRET, DEVICE; TS and NONCE for tests.
   Build: cc -o sign sign.c -lcrypto */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *env(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  return value != NULL && *value != '\0' ? value : otherwise;
}

static void hex(const unsigned char *bytes, int length, char *text) {
  for (int i = 0; i < length; i++) sprintf(text + 2 * i, "%02x", bytes[i]);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const char *method = argv[1], *path = argv[2], *body = argc > 3 ? argv[3] : "";
  const char *secret = env("APP_SECRET", ""), *device = env("DEVICE", "");
  unsigned char hash[32], mac[32], random[16];
  char hash_hex[65], random_hex[33], now[24], text[2048], sig[45];

  if (RAND_bytes(random, sizeof random) != 1) return 1;
  hex(random, sizeof random, random_hex);
  snprintf(now, sizeof now, "%lld", (long long)time(NULL));
  const char *ts = env("TS", now), *nonce = env("NONCE", random_hex);

  if (EVP_Digest(body, strlen(body), hash, NULL, EVP_sha256(), NULL) != 1) return 1;
  hex(hash, sizeof hash, hash_hex);
  int length = snprintf(text, sizeof text, "RC1-HMAC-SHA256\n%s\n%s\n%s\n%s\n%s\n%s", ts, nonce, device, method,
                        path, hash_hex);
  if (length >= (int)sizeof text) return 1;
  HMAC(EVP_sha256(), secret, (int)strlen(secret), (unsigned char *)text, (size_t)length, mac, NULL);
  EVP_EncodeBlock((unsigned char *)sig, mac, sizeof mac);
  sig[43] = '\0'; /* base64 ends with one = here */
  for (char *c = sig; *c != '\0'; c++) *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;

  if (strcmp(method, "NTRIP") == 0) printf("rc1.%s.%s.%s\n", ts, nonce, sig);
  else printf("Authorization: RC1-HMAC-SHA256 app=%s,ts=%s,nonce=%s,device=%s,sig=%s\n", env("APP_KEY", ""), ts, nonce,
              device, sig);
  return 0;
}
