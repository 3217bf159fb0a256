/** Proxies as the environment variables name them. */
export interface ProxySettings {
  /** `HTTP_PROXY`, for plain HTTP, and for all where there is no other. */
  http?: string | undefined;
  /** `HTTPS_PROXY`. */
  https?: string | undefined;
  /** `NO_PROXY`: hosts that are reached directly, separated by commas. */
  no?: string | undefined;
}
