// PrometheusAPI
