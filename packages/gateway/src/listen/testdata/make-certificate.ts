// Certificates for tests, made by the machine's openssl.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ListenerTls } from "@flyball/core";

/** Whether certificates can be made here. */
export function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A folder of certificates. */
export interface CertificateFolder {
  readonly path: string;
  /** Makes a pair for localhost with this common name; an existing pair of the same file name is written over. */
  make(commonName: string, fileName?: string): ListenerTls;
  dispose(): void;
}

/** Makes an empty folder. */
export function createCertificateFolder(): CertificateFolder {
  const path = mkdtempSync(join(tmpdir(), "fb-listen-"));
  return {
    path,
    make(commonName, fileName = "pair") {
      const files = { certificateFile: join(path, `${fileName}.pem`), keyFile: join(path, `${fileName}.key`) };
      const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
      const name = ["-subj", `/CN=${commonName}`, "-addext", "subjectAltName=DNS:localhost"];
      const out = ["-keyout", files.keyFile, "-out", files.certificateFile];
      execFileSync("openssl", ["req", ...kind, ...out, ...name], { stdio: "ignore" });
      return files;
    },
    dispose: () => rmSync(path, { recursive: true, force: true }),
  };
}
