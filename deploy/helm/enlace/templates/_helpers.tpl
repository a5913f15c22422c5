{{/* What the code declares: topics, groups, databases, keys, calls. Written by deploy.helm.declared. */}}
{{- define "enlace.declared" -}}
{{- .Files.Get "files/declared.json" -}}
{{- end -}}

{{- define "enlace.name" -}}
{{- if contains "enlace" .Release.Name -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{- else -}}{{ printf "%s-enlace" .Release.Name | trunc 40 | trimSuffix "-" }}{{- end -}}
{{- end -}}

{{- define "enlace.labels" -}}
app.kubernetes.io/name: enlace
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* Of one role of one service: dict "root" $ "service" name "role" api|worker|prepare|test */}}
{{- define "enlace.selector" -}}
app.kubernetes.io/name: enlace
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .service }}
enlace.org/role: {{ .role }}
{{- end -}}

{{- define "enlace.image" -}}
{{- $registry := .root.Values.image.registry -}}
{{- $name := printf "%senlace-%s" (ternary "" (printf "%s/" $registry) (empty $registry)) .service -}}
{{- with index .root.Values.image.digests .service -}}{{ $name }}@{{ . }}{{- else -}}{{ $name }}:{{ .root.Values.image.tag }}{{- end -}}
{{- end -}}

{{/* The restricted Pod Security Standard, for a pod and for its container. */}}
{{- define "enlace.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "enlace.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
privileged: false
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "enlace.port" -}}8080{{- end -}}

{{- define "enlace.kafkaUser" -}}
{{- $given := index .root.Values.kafka.given.users .service -}}
{{- if and (eq .root.Values.kafka.mode "given") $given -}}{{ $given }}{{- else -}}{{ .root.Values.cell }}-{{ .service }}{{- end -}}
{{- end -}}

{{/* Where one pod's settings come from: dict "root" "service" "role" */}}
{{- define "enlace.env" -}}
{{- $v := .root.Values -}}
{{- $full := include "enlace.name" .root -}}
{{- $declared := include "enlace.declared" .root | fromJson -}}
{{- $own := index $declared.services .service -}}
{{- $urls := dict -}}
{{- range $name, $_ := $declared.services }}{{ $_ := set $urls $name (printf "http://%s-%s:%s" $full $name (include "enlace.port" $)) }}{{ end -}}
- {name: ENLACE_ROLE, value: {{ .role | quote }}}
- {name: ENLACE_CELL, value: {{ $v.cell | quote }}}
- {name: ENLACE_HOST, value: "0.0.0.0"}
- {name: ENLACE_PORT, value: {{ include "enlace.port" . | quote }}}
- {name: ENLACE_KEYS_DIR, value: /etc/enlace/keys}
- {name: ENLACE_SITES_FILE, value: /etc/enlace/district/sites.json}
- {name: ENLACE_ISSUER, value: {{ $v.district.issuer | quote }}}
- {name: ENLACE_PUBLIC_URL, value: {{ $v.district.publicUrl | quote }}}
- {name: ENLACE_ZONE, value: {{ $v.district.zone | quote }}}
- {name: ENLACE_LOG_LEVEL, value: {{ $v.telemetry.logLevel | quote }}}
{{- range $own.calls }}
- {name: ENLACE_{{ upper . }}_URL, value: {{ index $urls . | quote }}}
{{- end }}
{{- with $v.telemetry.otlpEndpoint }}
- {name: ENLACE_OTLP_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{ include "enlace.mongoEnv" . }}
{{- if include "enlace.usesKafka" . }}
{{ include "enlace.kafkaEnv" . }}
{{- end }}
{{- if eq .service "referral" }}
- {name: ENLACE_ERASURE_LEDGER, value: /var/lib/enlace/ledger/erasures.jsonl}
{{- if $v.district.rules }}
- {name: ENLACE_RULES_FILE, value: /etc/enlace/district/rules.yaml}
{{- end }}
{{- else if eq .service "notify" }}
{{ include "enlace.notifyEnv" . }}
{{- else if eq .service "portal" }}
- {name: ENLACE_OIDC_CLIENT, value: {{ $v.portal.oidcClient | quote }}}
- name: ENLACE_OIDC_SECRET
  valueFrom: {secretKeyRef: {name: {{ $v.secrets.oidc }}, key: secret}}
{{- with $v.portal.trustedProxies }}
- {name: FORWARDED_ALLOW_IPS, value: {{ join "," . | quote }}}
{{- end }}
{{- end }}
{{- range $name, $value := (index $v.services .service).settings }}
- {name: ENLACE_{{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end -}}

{{- define "enlace.mongoEnv" -}}
{{- $v := .root.Values -}}
- name: ENLACE_MONGO_URI
  valueFrom:
    secretKeyRef:
{{- if eq $v.mongodb.mode "operator" }}
      name: {{ include "enlace.name" .root }}-mongodb-{{ .service }}
      key: connectionString.standard
{{- else }}
      name: {{ $v.secrets.mongodb }}
      key: {{ .service }}
{{- end }}
{{- if include "enlace.mongoCa" . }}
- {name: ENLACE_MONGO_CA_FILE, value: /etc/enlace/mongodb-ca/ca.crt}
{{- end }}
{{- end -}}

{{- define "enlace.mongoCa" -}}
{{- if eq .root.Values.mongodb.mode "operator" -}}{{ .root.Values.mongodb.operator.tls.caSecret }}{{- else -}}{{ .root.Values.mongodb.given.caSecret }}{{- end -}}
{{- end -}}

{{/* Workers relay and consume; the portal follows the rules; a preparing job makes topics. */}}
{{- define "enlace.usesKafka" -}}
{{- if or (eq .role "worker") (eq .service "portal") -}}yes
{{- else if and (eq .role "prepare") (include "enlace.makesTopics" .) -}}yes
{{- end -}}
{{- end -}}

{{- define "enlace.makesTopics" -}}
{{- if and (eq .root.Values.kafka.mode "given") .root.Values.kafka.given.makeTopics -}}yes{{- end -}}
{{- end -}}

{{- define "enlace.kafkaEnv" -}}
{{- $v := .root.Values -}}
{{- $given := $v.kafka.given -}}
{{- $strimzi := eq $v.kafka.mode "operator" -}}
{{- $protocol := ternary "SASL_SSL" $given.protocol $strimzi -}}
- {name: ENLACE_KAFKA, value: {{ ternary (printf "%s-kafka-bootstrap:9093" $v.kafka.operator.cluster) $given.bootstrap $strimzi | quote }}}
- {name: ENLACE_KAFKA_PROTOCOL, value: {{ $protocol | quote }}}
{{- if hasPrefix "SASL" $protocol }}
- {name: ENLACE_KAFKA_MECHANISM, value: {{ ternary "SCRAM-SHA-512" $given.mechanism $strimzi | quote }}}
- {name: ENLACE_KAFKA_USER, value: {{ include "enlace.kafkaUser" . | quote }}}
- name: ENLACE_KAFKA_PASSWORD
  valueFrom:
    secretKeyRef:
{{- if $strimzi }}
      name: {{ include "enlace.kafkaUser" . }}
      key: password
{{- else }}
      name: {{ $v.secrets.kafka }}
      key: {{ .service }}
{{- end }}
{{- end }}
{{- if include "enlace.kafkaCa" . }}
- {name: ENLACE_KAFKA_CA_FILE, value: /etc/enlace/kafka-ca/ca.crt}
{{- end }}
{{- if and (eq .role "prepare") (include "enlace.makesTopics" .) }}
- {name: ENLACE_TOPIC_REPLICAS, value: {{ $given.topicReplicas | quote }}}
{{- end }}
{{- end -}}

{{- define "enlace.kafkaCa" -}}
{{- if eq .root.Values.kafka.mode "operator" -}}{{ .root.Values.kafka.operator.cluster }}-cluster-ca-cert{{- else if hasSuffix "SSL" .root.Values.kafka.given.protocol -}}{{ .root.Values.kafka.given.caSecret }}{{- end -}}
{{- end -}}

{{- define "enlace.notifyEnv" -}}
{{- $v := .root.Values -}}
- {name: ENLACE_OUTGOING_AT_FIRST, value: {{ $v.messages.onAtFirst | quote }}}
- {name: ENLACE_TWILIO_URL, value: {{ $v.messages.twilioUrl | quote }}}
- {name: ENLACE_TWILIO_FROM, value: {{ $v.messages.from | quote }}}
- name: ENLACE_TWILIO_ACCOUNT
  valueFrom: {secretKeyRef: {name: {{ $v.secrets.carrier }}, key: account}}
- name: ENLACE_TWILIO_TOKEN
  valueFrom: {secretKeyRef: {name: {{ $v.secrets.carrier }}, key: token}}
- {name: ENLACE_MAIL_FROM, value: {{ $v.messages.mailFrom | quote }}}
- {name: ENLACE_SMTP_HOST, value: {{ $v.messages.smtpHost | quote }}}
- {name: ENLACE_SMTP_PORT, value: {{ $v.messages.smtpPort | quote }}}
- {name: ENLACE_SMTP_SECURITY, value: {{ $v.messages.smtpSecurity | quote }}}
{{- if $v.secrets.smtp }}
- {name: ENLACE_SMTP_USER, value: {{ $v.messages.smtpUser | quote }}}
- name: ENLACE_SMTP_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ $v.secrets.smtp }}, key: password}}
{{- end }}
{{- if $v.ingress.agencies.enabled }}
- {name: ENLACE_CALLBACK_URL, value: {{ printf "https://%s" $v.ingress.agencies.host | quote }}}
{{- end }}
{{- end -}}

{{- define "enlace.mounts" -}}
- {name: keys, mountPath: /etc/enlace/keys, readOnly: true}
- {name: district, mountPath: /etc/enlace/district, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- if include "enlace.mongoCa" . }}
- {name: mongodb-ca, mountPath: /etc/enlace/mongodb-ca, readOnly: true}
{{- end }}
{{- if and (include "enlace.usesKafka" .) (include "enlace.kafkaCa" .) }}
- {name: kafka-ca, mountPath: /etc/enlace/kafka-ca, readOnly: true}
{{- end }}
{{- if include "enlace.hasLedger" . }}
- {name: ledger, mountPath: /var/lib/enlace/ledger}
{{- end }}
{{- end -}}

{{/* Only the worker writes erasures down. */}}
{{- define "enlace.hasLedger" -}}
{{- if and (eq .service "referral") (eq .role "worker") -}}yes{{- end -}}
{{- end -}}

{{- define "enlace.volumes" -}}
{{- $v := .root.Values -}}
{{- $own := index (include "enlace.declared" .root | fromJson).services .service -}}
- name: keys
{{- if $v.secrets.keysProviderClass }}
  csi: {driver: secrets-store.csi.k8s.io, readOnly: true, volumeAttributes: {secretProviderClass: {{ $v.secrets.keysProviderClass }}}}
{{- else }}
  secret:
    secretName: {{ $v.secrets.keys }}
    defaultMode: 0440
    items:
{{- range $own.keys }}
      - {key: {{ . }}, path: {{ . }}}
{{- end }}
{{- end }}
- name: district
  configMap: {name: {{ include "enlace.districtConfig" . }}}
- name: tmp
  emptyDir: {sizeLimit: {{ $v.uploads.size }}}
{{- with include "enlace.mongoCa" . }}
- name: mongodb-ca
  secret: {secretName: {{ . }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- if include "enlace.usesKafka" . }}
{{- with include "enlace.kafkaCa" . }}
- name: kafka-ca
  secret: {secretName: {{ . }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- end }}
{{- if include "enlace.hasLedger" . }}
- name: ledger
  persistentVolumeClaim: {claimName: {{ default (printf "%s-ledger" (include "enlace.name" .root)) $v.ledger.existingClaim }}}
{{- end }}
{{- end -}}

{{/* The job that runs before the release finds the new table, not the one of the old release. */}}
{{- define "enlace.districtConfig" -}}
{{- include "enlace.name" .root -}}-district{{- if eq .role "prepare" -}}-next{{- end -}}
{{- end -}}

{{- define "enlace.district" -}}
sites.json: {{ .Values.district.sites | toJson | quote }}
{{- with .Values.district.rules }}
rules.yaml: {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "enlace.placing" -}}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}
