/** A certificate for localhost and 127.0.0.1 that nobody has signed but itself; it is for tests and protects nothing. */
export const certificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgzpMLdU9ZnqrL2hbK
krtsJNUqh+VO6WG9I97PC//hL4KhRANCAAREcTUIb4ApjY+q/6pmfWJdClUq5onz
7iDMJP+ZfWp9R2LlbMOmz8+i+L4QE4tdJPHwIyLyiAOOaxgK1rbrF227
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUed7Qa6xq6u2x4cBogoDECFLGuhowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNzE4MDI0MVoYDzIxMjYxMTAz
MTgwMjQxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAREcTUIb4ApjY+q/6pmfWJdClUq5onz7iDMJP+ZfWp9R2LlbMOmz8+i
+L4QE4tdJPHwIyLyiAOOaxgK1rbrF227o28wbTAdBgNVHQ4EFgQUbIw3q/+MrTld
YPAqRFrMSdwf8aYwHwYDVR0jBBgwFoAUbIw3q/+MrTldYPAqRFrMSdwf8aYwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgeKL9Kd3owrInmk/uNlzxOkMDw4+JRaqk6KaitYAXx5ECIDby
S0y2aJ/YMfid4esmPkYsvUCnQcAbXpymuqKSuvp1
-----END CERTIFICATE-----
`,
};
