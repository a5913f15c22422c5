{{/* Values that are well formed one by one and cannot work together: each says what to write. */}}
{{- define "enlace.check" -}}
{{- $v := .Values -}}
{{- if not (regexMatch "^[a-z][a-z0-9]{0,31}$" $v.cell) }}{{ fail (printf "cell is %q: write up to 32 small letters and digits, a letter first; topics and databases begin with it" $v.cell) }}{{ end -}}
{{- if not $v.district.publicUrl }}{{ fail "district.publicUrl is empty: write the address at which people reach the portal, such as https://enlace.district.example.org" }}{{ end -}}
{{- if not (regexMatch "^https?://[^/]+$" $v.district.publicUrl) }}{{ fail (printf "district.publicUrl is %q: write scheme and host alone, such as https://enlace.district.example.org" $v.district.publicUrl) }}{{ end -}}
{{- if not $v.district.issuer }}{{ fail "district.issuer is empty: write the address of the OpenID provider whose tokens are taken" }}{{ end -}}
{{- if not (regexMatch "^https?://." $v.district.issuer) }}{{ fail (printf "district.issuer is %q: write its whole address, such as https://login.district.example.org" $v.district.issuer) }}{{ end -}}
{{- range $service, $digest := $v.image.digests }}{{ if not (regexMatch "^sha256:[0-9a-f]{64}$" $digest) }}{{ fail (printf "image.digests.%s is %q: write sha256: and 64 hexadecimal digits, as the registry shows them" $service $digest) }}{{ end }}{{ end -}}
{{- if and (not $v.image.tag) (lt (len $v.image.digests) 5) }}{{ fail "image.tag is empty: write the release to run, such as 0.1.0, or a digest for each of the five services in image.digests" }}{{ end -}}
{{- if eq $v.image.tag "latest" }}{{ fail "image.tag is latest, which is another image tomorrow, and no rollback leads back from it: write a release, such as 0.1.0" }}{{ end -}}
{{- if eq $v.kafka.mode "given" -}}
{{- if not $v.kafka.given.bootstrap }}{{ fail "kafka.mode is given and kafka.given.bootstrap is empty: write host:port of the brokers, joined by commas, or set kafka.mode=operator" }}{{ end -}}
{{- if not (regexMatch "^[^:, ]+:[0-9]+(,[^:, ]+:[0-9]+)*$" $v.kafka.given.bootstrap) }}{{ fail (printf "kafka.given.bootstrap is %q: write host:port, several joined by commas and no space" $v.kafka.given.bootstrap) }}{{ end -}}
{{- end -}}
{{- if and (eq $v.kafka.mode "operator") (gt (int $v.kafka.operator.topicReplicas) (int $v.kafka.operator.nodes)) $v.kafka.operator.makeCluster }}{{ fail (printf "kafka.operator.topicReplicas is %v and kafka.operator.nodes is %v: a topic cannot have more copies than there are nodes; lower the one or raise the other" $v.kafka.operator.topicReplicas $v.kafka.operator.nodes) }}{{ end -}}
{{- if and (eq $v.mongodb.mode "operator") (eq (mod (int $v.mongodb.operator.members) 2) 0) }}{{ fail (printf "mongodb.operator.members is %v: write an odd number, or no majority can be found when one is lost" $v.mongodb.operator.members) }}{{ end -}}
{{- if and (eq $v.mongodb.mode "operator") (ne (empty $v.mongodb.operator.tls.certificateSecret) (empty $v.mongodb.operator.tls.caSecret)) }}{{ fail "mongodb.operator.tls: certificateSecret and caSecret go together; set both, or neither" }}{{ end -}}
{{- $workers := int $v.services.referral.worker.replicas -}}
{{- $most := ternary (max $workers (int $v.scaling.keda.maxReplicas)) $workers $v.scaling.keda.enabled | int -}}
{{- if and (eq $v.ledger.accessMode "ReadWriteOnce") (gt $most 1) (not $v.ledger.existingClaim) }}{{ fail (printf "ledger.accessMode is ReadWriteOnce and there may be %d referral workers: on two nodes they cannot share it. Set ledger.accessMode=ReadWriteMany with a ledger.storageClass that has it, or services.referral.worker.replicas=1 without KEDA" $most) }}{{ end -}}
{{- if $v.ingress.enabled -}}
{{- if not $v.ingress.host }}{{ fail "ingress.enabled is true and ingress.host is empty: write the host name of district.publicUrl" }}{{ end -}}
{{- if not $v.ingress.tlsSecret }}{{ fail "ingress.enabled is true and ingress.tlsSecret is empty: name the Secret with the certificate; sign-in works over https alone" }}{{ end -}}
{{- if ne (printf "https://%s" $v.ingress.host) $v.district.publicUrl }}{{ fail (printf "district.publicUrl is %s and ingress.host is %s: write district.publicUrl=https://%s, for links in messages start with it" $v.district.publicUrl $v.ingress.host $v.ingress.host) }}{{ end -}}
{{- end -}}
{{- if and $v.ingress.agencies.enabled (not $v.ingress.agencies.host) }}{{ fail "ingress.agencies.enabled is true and ingress.agencies.host is empty: write the host name that agencies' systems and the carrier reach" }}{{ end -}}
{{- if and $v.networkPolicies.enabled (or $v.ingress.enabled $v.ingress.agencies.enabled) (empty $v.ingress.controllerNamespaceLabels) }}{{ fail "ingress.controllerNamespaceLabels is empty: name the labels of the ingress controller's namespace, such as {kubernetes.io/metadata.name: ingress-nginx}, or nothing is let in" }}{{ end -}}
{{- if and $v.messages.onAtFirst (or (empty $v.messages.from) (empty $v.messages.mailFrom) (empty $v.messages.smtpHost)) }}{{ fail "messages.onAtFirst is true: set messages.from, messages.mailFrom and messages.smtpHost too, or leave it false and turn messages on later" }}{{ end -}}
{{- if and $v.telemetry.serviceMonitor.enabled (empty $v.telemetry.serviceMonitor.collectorLabels) }}{{ fail "telemetry.serviceMonitor.enabled is true and collectorLabels is empty: write the labels of the collector's Service" }}{{ end -}}
{{- if and $v.secrets.plain.enabled (not $v.secrets.plain.keys) }}{{ fail "secrets.plain.enabled is true and secrets.plain.keys is empty: make keys (python -m services.chassis.keys DIR) and give each file in base64, or set secrets.plain.enabled=false and make the Secrets yourself" }}{{ end -}}
{{- range $service, $_ := $v.services -}}
{{- range $role, $its := omit . "settings" -}}
{{- $requests := ($its.resources).requests | default dict -}}
{{- $limits := ($its.resources).limits | default dict -}}
{{- if and $requests.memory $limits.memory -}}
{{- if gt (include "enlace.mebibytes" $requests.memory | int) (include "enlace.mebibytes" $limits.memory | int) }}{{ fail (printf "services.%s.%s.resources: %s of memory are requested and %s are the limit; raise the limit or lower the request" $service $role $requests.memory $limits.memory) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "enlace.mebibytes" -}}
{{- if hasSuffix "Gi" . }}{{ mul (trimSuffix "Gi" . | int) 1024 }}{{ else }}{{ trimSuffix "Mi" . | int }}{{ end -}}
{{- end -}}
