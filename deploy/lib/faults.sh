# shellcheck shell=bash
# The faults of the simulated mesh as deploy/demo shows them: which alert of deploy/rules finds each,
# and how it comes and goes. To be sourced by deploy/demo.

faults=(latency errors circuit-breaker certificate workload-certificate sidecar-crash retries plaintext
    lost-between-clusters istiod-not-ready istio-root-expiring envoy-initializing html-page
    configuration-rejected remote-cluster-lost duplicate-domain subset-missing)

# Sets `alert` and `subject`, what the alert of a fault at its standard place says it is about: a
# pattern of labels as they are written in JSON; and `further`, an alert that comes and goes with it, or
# nothing. Fails where there is no such fault.
describe_fault() {
    local cart='cart[.]shop[.]svc[.]cluster[.]local'
    further=''
    case $1 in
        latency) alert=MeshLatencyHigh subject="\"destination_service\":\"$cart\"" ;;
        errors) alert=MeshErrorRatioHigh subject="\"destination_service\":\"$cart\"" ;;
        circuit-breaker)
            alert=MeshCircuitBreakerTripped subject="\"upstream\":\"outbound[|]8080[|][|]$cart\""
            ;;
        retries) alert=MeshRetriesHigh subject="\"upstream\":\"outbound[|]8080[|][|]$cart\"" ;;
        plaintext) alert=MeshMutualTLSFalling subject="\"destination_service\":\"$cart\"" ;;
        certificate) alert=MeshCertificateExpiring subject='"cluster":"eu-1".*"pod":"users-' ;;
        workload-certificate)
            alert=MeshWorkloadCertificateNotRenewed subject='"pod":"cart-'
            further=MeshWorkloadCertificatesLate
            ;;
        lost-between-clusters)
            alert=MeshCrossClusterLoss subject='"destination_service":"notifications[.]'
            ;;
        istiod-not-ready)
            alert=MeshControlPlaneDegraded subject='"cluster":"eu-1","component":"istiod"'
            ;;
        envoy-initializing)
            alert=MeshControlPlaneDown subject='"cluster":"eu-1","component":"ingress-envoy"'
            ;;
        html-page)
            alert=MeshControlPlaneUnobserved subject='"cluster":"eu-1","component":"ingress-envoy"'
            ;;
        configuration-rejected) alert=MeshConfigurationRejected subject='"cluster":"eu-1"' ;;
        remote-cluster-lost) alert=MeshRemoteClusterNotSynced subject='"cluster":"eu-1"' ;;
        duplicate-domain)
            alert=MeshConfigurationIssue subject='"cluster":"eu-1","kind":"duplicate_domain"'
            ;;
        subset-missing) alert=MeshConfigurationIssue subject='"kind":"unknown_cluster"' ;;
        istio-root-expiring)
            alert=MeshAuthorityCertificateExpiring subject='"cluster":"eu-1".*"kind":"root"'
            ;;
        sidecar-crash) alert=MeshSidecarCrashLooping subject='"pod":"cart-' ;;
        *) return 1 ;;
    esac
}

# Copies rules, with windows and waiting times of a minute at most.
hurry() {
    local file
    for file in "$1"/*.yaml; do
        sed -E -e 's/\[(5m|20m)\]/[1m]/g' -e 's/\[(1d:30m|7d:1h)\]/[10m:10s]/g' \
            -e 's/^( *for:) .*/\1 10s/' -e 's/^( *interval:) .*/\1 5s/' \
            "$file" >"$2/${file##*/}"
    done
}

# Prints the alerts of a name as the gateway tells them, one a line.
alerts_named() {
    curl -fsS --max-time 5 "$gateway/api/v1/alerts" 2>/dev/null |
        sed 's/{"labels":/\n&/g' |
        grep -F "\"alertname\":\"$1\"" | sed 's/,$//' || true
}

# Prints those of the fault.
fault_alerts() {
    alerts_named "$alert" | grep "$subject" || true
}

further_fires() {
    [[ $(alerts_named "$further") == *'"state":"firing"'* ]]
}

further_is_gone() {
    curl -fsS --max-time 5 -o /dev/null "$gateway/api/v1/alerts" 2>/dev/null &&
        [[ -z $(alerts_named "$further") ]]
}

# Whether the fault's alert is in one of these states.
alert_is() {
    local found state
    found=$(fault_alerts)
    for state in "$@"; do
        if [[ $found == *"\"state\":\"$state\""* ]]; then
            return 0
        fi
    done
    return 1
}

alert_is_gone() {
    # Nobody to ask is no evidence.
    curl -fsS --max-time 5 -o /dev/null "$gateway/api/v1/alerts" 2>/dev/null &&
        [[ -z $(fault_alerts) ]]
}

alertmanager_has_it() {
    curl -fsS --max-time 5 "$alertmanager/api/v2/alerts" 2>/dev/null |
        sed 's/{"annotations":/\n&/g' |
        grep -F "\"alertname\":\"$alert\"" | grep "$subject" >/dev/null
}

switch_fault() {
    curl -fsS --max-time 5 -o /dev/null -X "$1" "http://$host:${mesh_ports[0]}/faults/$fault" ||
        give_up "The simulated mesh does not switch '$fault'."
}

# Switches the fault on and waits for its alert; if that was fast, switches it off and waits until
# the alert is gone.
show_fault() {
    printf '\nSwitching on: %s. Its alert is %s, explained in deploy/rules/runbooks/%s.md.\n' \
        "$fault" "$alert" "$alert"
    if alert_is pending firing; then
        say "That alert is there already, without the fault."
    fi
    switch_fault POST
    wait_until "$alert to be pending or firing" 300 alert_is pending firing
    if $fast; then
        wait_until "$alert to fire" 120 alert_is firing
        if [[ -n $further ]]; then
            wait_until "$further to fire too" 120 further_fires
        fi
    fi
    if alert_is firing; then
        printf '\n%s fires:\n' "$alert"
    else
        printf '\n%s is pending. It fires when it has lasted as long as its rule wants:\n' "$alert"
    fi
    fault_alerts
    if $with_alertmanager && alert_is firing; then
        show_alertmanager
    fi
    if $fast; then
        printf '\nSwitching it off again.\n'
        switch_fault DELETE
        wait_until "$alert to be gone" 180 alert_is_gone
        if [[ -n $further ]]; then
            wait_until "$further to be gone too" 180 further_is_gone
        fi
        printf 'Resolved: %s.\n' "$alert${further:+, $further}"
    else
        printf '\nTo end the fault: curl -X DELETE http://%s:%s/faults/%s\n' \
            "$host" "${mesh_ports[0]}" "$fault"
    fi
}

show_alertmanager() {
    wait_until "Alertmanager to know of it" 60 alertmanager_has_it
    printf '\n$ amtool alert query --alertmanager.url=%s alertname=%s\n' "$alertmanager" "$alert"
    amtool alert query --alertmanager.url="$alertmanager" "alertname=$alert" </dev/null
}
