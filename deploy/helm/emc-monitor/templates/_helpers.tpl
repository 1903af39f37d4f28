{{- define "emc.labels" -}}
app.kubernetes.io/name: emc-monitor
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "emc.name" -}}
{{ printf "%s-%s" .root.Release.Name .part | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- /* Variables of every process, then those of the part, which stand above them. */ -}}
{{- define "emc.environment" -}}
{{- $values := .root.Values -}}
{{- $sasl := hasPrefix "SASL_" $values.kafka.protocol -}}
{{- $found := dict
  "EMC_KAFKA" $values.kafka.servers
  "EMC_KAFKA_SECURITY_PROTOCOL" $values.kafka.protocol
  "EMC_KAFKA_SASL_MECHANISM" (ternary $values.kafka.mechanism "" $sasl)
  "EMC_KAFKA_CAFILE" (ternary "/etc/emc/kafka-ca/ca.pem" "" (ne $values.kafka.caSecret ""))
  "EMC_KAFKA_USERNAME" (ternary .kafka "" $sasl)
  "EMC_KAFKA_PASSWORD_FILE" (ternary (printf "/run/secrets/kafka_%s_password" .kafka) "" $sasl)
  "EMC_HOSTS" (printf "%s,%s" $values.ingress.host $values.hosts)
  "EMC_PROXIES" $values.proxies
-}}
{{- with .clickhouse -}}
{{- $_ := set $found "EMC_CLICKHOUSE" (regexReplaceAll "^(https?://)" $values.clickhouse.address (printf "${1}%s@" .)) -}}
{{- $_ := set $found "EMC_CLICKHOUSE_PASSWORD_FILE" (printf "/run/secrets/clickhouse_%s_password" .) -}}
{{- $_ := set $found "EMC_CLICKHOUSE_CLUSTER" $values.clickhouse.cluster -}}
{{- end -}}
{{- if .serves -}}
{{- $_ := set $found "EMC_METRICS_TOKEN_FILE" "/run/secrets/metrics_token" -}}
{{- end -}}
{{- if and .registry $values.registryConfigMap -}}
{{- $_ := set $found "EMC_REGISTRY" "/etc/emc/registry" -}}
{{- end -}}
{{- if and .thresholds $values.thresholdsConfigMap -}}
{{- $_ := set $found "EMC_THRESHOLDS" "/etc/emc/thresholds/thresholds.toml" -}}
{{- end -}}
{{- $found = mergeOverwrite $found $values.settings (.settings | default dict) -}}
{{- range $name, $value := $found }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end }}

{{- define "emc.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "emc.container" -}}
image: "{{ .root.Values.image.repository }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}"
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
env: {{- include "emc.environment" . | nindent 2 }}
{{- end }}

{{- /* It answers within a second, whatever hangs; a component that is away is no reason to start it anew. */ -}}
{{- define "emc.probes" -}}
startupProbe:
  tcpSocket: {port: http}
  periodSeconds: 5
  failureThreshold: 60
readinessProbe:
  httpGet: {path: /v1/health, port: http}
  periodSeconds: 15
  timeoutSeconds: 10
  failureThreshold: 4
livenessProbe:
  tcpSocket: {port: http}
  periodSeconds: 15
  timeoutSeconds: 10
  failureThreshold: 8
{{- end }}

{{- define "emc.mounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: secrets, mountPath: /run/secrets, readOnly: true}
{{- if .root.Values.kafka.caSecret }}
- {name: kafka-ca, mountPath: /etc/emc/kafka-ca, readOnly: true}
{{- end }}
{{- if and .registry .root.Values.registryConfigMap }}
- {name: registry, mountPath: /etc/emc/registry, readOnly: true}
{{- end }}
{{- if and .thresholds .root.Values.thresholdsConfigMap }}
- {name: thresholds, mountPath: /etc/emc/thresholds, readOnly: true}
{{- end }}
{{- end }}

{{- /* Of the Secret each process sees the files that it needs, no others. */ -}}
{{- define "emc.volumes" -}}
- name: tmp
  emptyDir: {medium: Memory, sizeLimit: 64Mi}
- name: secrets
  secret:
    secretName: {{ .root.Values.secret }}
    defaultMode: 0440
    items:
      {{- if hasPrefix "SASL_" .root.Values.kafka.protocol }}
      - {key: kafka_{{ .kafka }}_password, path: kafka_{{ .kafka }}_password}
      {{- end }}
      {{- range .files | default list }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
      {{- with .clickhouse }}
      - {key: clickhouse_{{ . }}_password, path: clickhouse_{{ . }}_password}
      {{- end }}
      {{- if or .serves (not (or .clickhouse (hasPrefix "SASL_" .root.Values.kafka.protocol))) }}
      - {key: metrics_token, path: metrics_token}
      {{- end }}
{{- if .root.Values.kafka.caSecret }}
- name: kafka-ca
  secret: {secretName: {{ .root.Values.kafka.caSecret }}, defaultMode: 0444}
{{- end }}
{{- if and .registry .root.Values.registryConfigMap }}
- name: registry
  configMap: {name: {{ .root.Values.registryConfigMap }}}
{{- end }}
{{- if and .thresholds .root.Values.thresholdsConfigMap }}
- name: thresholds
  configMap: {name: {{ .root.Values.thresholdsConfigMap }}}
{{- end }}
{{- end }}
