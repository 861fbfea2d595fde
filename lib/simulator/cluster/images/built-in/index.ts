/** The images whose behaviour comes with drydock. A new one is one file and one line here. */
import type { ImageBehaviour } from '../image-behaviour';
import { agnhost } from './agnhost';
import { busybox } from './busybox';
import { memcached, mongo, mysql, postgres, rabbitmq, redis } from './databases';
import { echoserver } from './echoserver';
import { httpd } from './httpd';
import { curl, httpEcho, python, whoami } from './languages';
import { nginx } from './nginx';
import { pause } from './pause';
import { serveHostname } from './serve-hostname';

export const builtInImages: Readonly<Record<string, ImageBehaviour>> = {
  nginx,
  'public.ecr.aws/nginx/nginx': nginx,
  'nginxinc/nginx-unprivileged': { ...nginx, ports: [8080], user: 101 },
  httpd,
  busybox,
  alpine: { ...busybox, sizeBytes: 3_800_000, command: ['/bin/sh'], onlyShell: false },
  ubuntu: { ...busybox, sizeBytes: 29_700_000, command: ['/bin/bash'], onlyShell: false },
  debian: { ...busybox, sizeBytes: 48_500_000, command: ['bash'], onlyShell: false },
  bash: { ...busybox, sizeBytes: 6_000_000, command: ['bash'], onlyShell: false },
  postgres,
  mysql,
  mariadb: mysql,
  redis,
  'valkey/valkey': redis,
  mongo,
  memcached,
  rabbitmq,
  python,
  'curlimages/curl': curl,
  'hashicorp/http-echo': httpEcho,
  'traefik/whoami': whoami,
  'registry.k8s.io/pause': pause,
  'registry.k8s.io/serve_hostname': serveHostname,
  'k8s.gcr.io/serve_hostname': serveHostname,
  'gcr.io/google_containers/serve_hostname': serveHostname,
  'registry.k8s.io/echoserver': echoserver,
  'k8s.gcr.io/echoserver': echoserver,
  'gcr.io/google_containers/echoserver': echoserver,
  'gcr.io/kubernetes-e2e-test-images/echoserver': echoserver,
  'registry.k8s.io/e2e-test-images/echoserver': echoserver,
  'registry.k8s.io/e2e-test-images/agnhost': agnhost,
  'registry.k8s.io/e2e-test-images/busybox': busybox,
  'registry.k8s.io/e2e-test-images/nginx': nginx,
  'registry.k8s.io/e2e-test-images/httpd': httpd,
};
