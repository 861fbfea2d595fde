/** What works, and is regretted later. Told by `drydock lint`, or when `validate` is asked for advice. */
import type { Rule } from '../rule';

export const latestImage: Rule = {
  id: 'latest-image',
  severity: 'advice',
  see: 'https://kubernetes.io/docs/concepts/containers/images/#image-names',
  about: 'An image without a tag, or with `latest`, is another program tomorrow, and cannot be rolled back.',
  check(app, report) {
    for (const { object, containers } of app.workloads) {
      for (const { container, field } of containers) {
        const { image } = container;
        if (typeof image !== 'string' || image === '' || image.includes('@')) continue;
        const tag = /:([^/:]+)$/.exec(image)?.[1];
        if (tag !== undefined && tag !== 'latest') continue;
        const message = tag === undefined ? 'has no tag, which means "latest"' : 'has the tag "latest"';
        const fix = 'name a version, or a digest';
        report(object, { field: `${field}.image`, message: `image "${image}" ${message}`, fix });
      }
    }
  },
};

export const noRequests: Rule = {
  id: 'no-requests',
  severity: 'advice',
  see: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  about:
    'The scheduler counts what containers request; those that request nothing are put anywhere, and evicted first.',
  check(app, report) {
    for (const { object, containers, pod, namespace } of app.workloads) {
      if (pod.resources !== undefined || app.hasDefaults(namespace)) continue;
      const without = containers.find(({ container: { resources } }) => !resources?.requests && !resources?.limits);
      if (without === undefined) continue;
      report(object, {
        field: `${without.field}.resources`,
        message: `container "${without.container.name}" requests no CPU and no memory`,
        fix: 'say resources.requests',
      });
    }
  },
};

export const noMemoryLimit: Rule = {
  id: 'no-memory-limit',
  severity: 'advice',
  see: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  about: 'A container without a memory limit can take all memory of its node, and its neighbours with it.',
  check(app, report) {
    for (const { object, containers, pod, namespace } of app.workloads) {
      if (pod.resources?.limits?.memory !== undefined || app.hasDefaults(namespace)) continue;
      const without = containers.find(({ container: { resources } }) => resources?.limits?.memory === undefined);
      if (without === undefined) continue;
      report(object, {
        field: `${without.field}.resources.limits`,
        message: `container "${without.container.name}" has no memory limit`,
        fix: 'say resources.limits.memory',
      });
    }
  },
};

export const runsAsRoot: Rule = {
  id: 'runs-as-root',
  severity: 'advice',
  see: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted',
  about: 'A container that nobody told otherwise runs as the user of its image, which is root more often than not.',
  check(app, report) {
    for (const { object, containers, pod } of app.workloads) {
      const root = containers.find(({ container: { securityContext } }) => {
        const nonRoot = securityContext?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot;
        const user = securityContext?.runAsUser ?? pod.securityContext?.runAsUser;
        return nonRoot !== true && (user === undefined || user === 0);
      });
      if (root === undefined) continue;
      report(object, {
        field: `${root.field}.securityContext`,
        message: `container "${root.container.name}" may run as root`,
        fix: 'say runAsNonRoot: true, and a runAsUser if the image has none',
      });
    }
  },
};

export const noReadinessProbe: Rule = {
  id: 'no-readiness-probe',
  severity: 'advice',
  see: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
  about: 'A Service sends traffic to Pods as soon as they run; a readiness probe makes it wait until they can answer.',
  check(app, report) {
    const told = new Set<unknown>();
    for (const service of app.all('v1/Service')) {
      const { selector } = service.spec ?? {};
      if (!selector || Object.keys(selector).length === 0) continue;
      const namespace = service.metadata.namespace ?? 'default';
      for (const { object, pod, field } of app.workloadsMatching(namespace, { matchLabels: selector })) {
        if (told.has(object) || pod.containers.some(({ readinessProbe }) => readinessProbe)) continue;
        told.add(object);
        report(object, {
          field: `${field}.containers[0].readinessProbe`,
          message: `is behind Service "${service.metadata.name}", and no container has a readiness probe`,
          fix: 'add a readinessProbe',
        });
      }
    }
  },
};

export const barePod: Rule = {
  id: 'bare-pod',
  severity: 'advice',
  see: 'https://kubernetes.io/docs/concepts/workloads/pods/#using-pods',
  about: 'A Pod that no workload owns is gone with its node, and cannot be changed.',
  check(app, report) {
    for (const pod of app.all('v1/Pod')) {
      report(pod, { field: 'kind', message: 'is made by no workload', fix: 'make it with a Deployment or a Job' });
    }
  },
};

export const volumeUnused: Rule = {
  id: 'volume-unused',
  severity: 'advice',
  see: 'https://kubernetes.io/docs/concepts/storage/volumes/',
  about: 'A volume that no container mounts is most likely a mount that somebody forgot.',
  check(app, report) {
    for (const { object, pod, containers, field } of app.workloads) {
      if (pod.volumes === undefined) continue;
      const mounted = new Set(
        containers.flatMap(({ container: { volumeMounts = [], volumeDevices = [] } }) => {
          return [...volumeMounts, ...volumeDevices].map(({ name }) => name);
        }),
      );
      pod.volumes.forEach(({ name }, index) => {
        if (mounted.has(name)) return;
        report(object, {
          field: `${field}.volumes[${index}]`,
          message: `no container mounts the volume "${name}"`,
          fix: 'mount it, or remove it',
        });
      });
    }
  },
};

export const probePortUndeclared: Rule = {
  id: 'probe-port-undeclared',
  severity: 'advice',
  see: 'https://kubernetes.io/docs/concepts/workloads/pods/disruptions/',
  about: 'A probe on a port that its container does not declare is most likely a typing error.',
  check(app, report) {
    for (const { object, containers } of app.workloads) {
      for (const { container, field } of containers) {
        const declared = container.ports?.map(({ containerPort }) => containerPort) ?? [];
        if (declared.length === 0) continue;
        for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
          const probe = container[kind];
          const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port ?? probe?.grpc?.port;
          if (typeof port !== 'number' || declared.includes(port)) continue;
          report(object, {
            field: `${field}.${kind}`,
            message: `container "${container.name}" is probed on port ${port}, and declares ${declared.join(', ')}`,
            fix: 'correct the port, or name it',
          });
        }
      }
    }
  },
};
