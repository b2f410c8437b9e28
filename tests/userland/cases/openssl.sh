# SPDX-License-Identifier: GPL-2.0-or-later
# openssl: digests, ciphers (with the crypto instructions where the guest has them), keys, signatures, certificates, a short speed.
seq 1 30000 >f
for digest in md5 sha1 sha256 sha384 sha512 sha3-256 blake2b512 sm3; do openssl dgst -$digest <f | sed 's/.*= *//'; done
openssl dgst -sha256 -hmac key <f | sed 's/.*= *//'
for cipher in aes-128-cbc aes-256-ctr aes-192-ecb camellia-128-cbc chacha20 aria-128-cbc; do
    openssl enc -$cipher -K 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f -iv 0f0e0d0c0b0a09080706050403020100 <f >e 2>/dev/null
    cksum <e; openssl enc -d -$cipher -K 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f -iv 0f0e0d0c0b0a09080706050403020100 <e 2>/dev/null | cmp - f; done
openssl enc -aes-256-cbc -pbkdf2 -S 0011223344556677 -pass pass:secret <f | cksum
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k 2>/dev/null; openssl dgst -sha256 -sign k -out s f; openssl pkey -in k -pubout -out p; openssl dgst -sha256 -verify p -signature s f
openssl genpkey -algorithm ed25519 -out k2; openssl pkeyutl -sign -inkey k2 -rawin -in p -out s2; openssl pkeyutl -verify -inkey k2 -rawin -in p -sigfile s2
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out k3 2>/dev/null; openssl rsa -in k3 -check -noout 2>/dev/null
openssl req -x509 -new -key k3 -subj /CN=test -days 1 -out c 2>/dev/null; openssl x509 -in c -noout -subject | tr -d ' '; openssl verify -CAfile c c
openssl rand -hex 16 | wc -c; openssl base64 <p | openssl base64 -d | cmp - p; openssl prime 1000003
openssl speed -seconds 1 -bytes 1024 sha256 >/dev/null 2>&1; echo $?
