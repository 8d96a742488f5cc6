namespace CiliumLab.Tests.Simulator.Api;

/// <summary>A request to two servers.</summary>
internal sealed record ComparedRequest(string Method, string Path, string? Body = null, string ContentType = "application/json", string? Accept = null)
{
    /// <summary>Another user for whom the request is made.</summary>
    public string? As { get; init; }

    /// <summary>Why only the code of the answer is the same, its wording not; null when all of it must be.</summary>
    public string? Wording { get; init; }
}

/// <summary>What is asked of a real API server and of the simulator's, in order.</summary>
internal static class ComparedRequests
{
    private const string Merge = "application/merge-patch+json";
    private const string Json = "application/json-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json";
    private const string Apply = "application/apply-patch+yaml";
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io";
    private const string Default = "/api/v1/namespaces/default";
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string CronTabs = "/apis/stable.example.com/v1/namespaces/default/crontabs";

    public static IEnumerable<ComparedRequest> All() => [.. Objects(), .. Invalid(), .. Patches(), .. Deletes(), .. Lists(), .. Tables(), .. Custom(), .. Access()];

    private static IEnumerable<ComparedRequest> Objects() =>
    [
        new("POST", $"{Default}/configmaps", """{"metadata":{"name":"a","labels":{"x":"1"}},"data":{"k":"v"}}"""),
        new("POST", $"{Default}/configmaps", """{"metadata":{"name":"a"}}"""),
        new("GET", $"{Default}/configmaps/a"),
        new("GET", $"{Default}/configmaps/none"),
        new("GET", "/api/v1/nonsense"),
        new("GET", "/apis/nonsense/v1/things"),
        new("POST", "/api/v1/namespaces/nowhere/configmaps", """{"metadata":{"name":"a"}}"""),
        new("PUT", $"{Default}/configmaps/a", """{"metadata":{"name":"a","resourceVersion":"1"},"data":{"k":"w"}}"""),
        new("PUT", $"{Default}/configmaps/a", """{"metadata":{"name":"b"}}"""),
        new("PUT", $"{Default}/configmaps/a", """{"metadata":{"name":"a","namespace":"other"}}"""),
        new("PUT", $"{Default}/configmaps/a", """{"metadata":{"name":"a","uid":"0"}}"""),
        new("PUT", $"{Default}/configmaps/a", """{"metadata":{"name":"a"},"data":{"k":"x"}}"""),
        new("POST", $"{Default}/configmaps/a", "{}"),
        new("PATCH", $"{Default}/configmaps", "{}", Merge),
        new("POST", $"{Default}/configmaps", """{"kind":"Secret","apiVersion":"v1","metadata":{"name":"z"}}""") { Wording = "the conversion's words changed" },
        new("POST", $"{Default}/configmaps", """{"kind":"ConfigMap","apiVersion":"apps/v1","metadata":{"name":"z"}}""") { Wording = "the version is checked first since 1.22" },
        new("POST", $"{Default}/configmaps", """{"metadata":{"name":"z","namespace":"other"}}"""),
        new("POST", $"{Default}/secrets", """{"metadata":{"name":"s"},"stringData":{"a":"b"}}"""),
        new("POST", $"{Default}/services", """{"metadata":{"name":"svc"},"spec":{"clusterIP":"10.96.7.7","selector":{"app":"web"},"ports":[{"port":80}]}}"""),
        new("POST", $"{Default}/services", """{"metadata":{"name":"headless"},"spec":{"clusterIP":"None","ports":[{"port":80,"name":"http","targetPort":"web"}]}}"""),
        new("POST", $"{Default}/pods", """{"metadata":{"name":"p","labels":{"app":"web"}},"spec":{"automountServiceAccountToken":false,"containers":[{"name":"c","image":"nginx","ports":[{"containerPort":80}]}]}}"""),
        new("POST", $"{Default}/pods/p/binding", """{"apiVersion":"v1","kind":"Binding","metadata":{"name":"p"},"target":{"kind":"Node","name":"n1"}}"""),
        new("POST", $"{Default}/pods/p/binding", """{"apiVersion":"v1","kind":"Binding","metadata":{"name":"p"},"target":{"kind":"Node","name":"n2"}}"""),
        new("POST", Deployments, """{"metadata":{"name":"web"},"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"nginx"}]}}}}"""),
        new("GET", $"{Deployments}/web/scale"),
        new("PATCH", $"{Deployments}/web/scale", """{"spec":{"replicas":4}}""", Merge),
        new("PATCH", $"{Deployments}/web/scale", """{"spec":{"replicas":-1}}""", Merge),
        new("GET", $"{Deployments}/web"),
        new("GET", $"{Default}/configmaps/a/status"),
        new("GET", $"{Default}/configmaps/a/scale"),
        new("PUT", $"{Deployments}/web/status", """{"metadata":{"name":"web"},"spec":{"replicas":9},"status":{"replicas":2}}"""),
        new("POST", "/api/v1/namespaces", """{"metadata":{"name":"team"}}"""),
        new("POST", "/api/v1/nodes", """{"metadata":{"name":"n1"}}""") { Wording = "an empty nodeInfo is shown" },
        new("POST", $"{Default}/serviceaccounts", """{"metadata":{"name":"robot"}}"""),
        new("POST", $"{Default}/configmaps?dryRun=All", """{"metadata":{"name":"dry"}}"""),
        new("POST", $"{Default}/configmaps?dryRun=Some", """{"metadata":{"name":"dry"}}"""),
    ];

    private static IEnumerable<ComparedRequest> Invalid() =>
    [
        new("POST", $"{Default}/configmaps", """{"metadata":{"name":"Bad_Name"}}"""),
        new("POST", $"{Default}/configmaps", """{"metadata":{}}"""),
        new("POST", $"{Default}/configmaps", """{"metadata":{"name":"z","labels":{"-x":"1"}}}"""),
        new("POST", $"{Default}/configmaps", """{"metadata":{"name":"z","labels":{"x":"no spaces"}}}"""),
        new("POST", $"{Default}/configmaps", """{"metadata":{"name":"z"},"data":{"a/b":"1"}}"""),
        new("POST", $"{Default}/services", """{"metadata":{"name":"bad"},"spec":{}}"""),
        new("POST", $"{Default}/services", """{"metadata":{"name":"bad"},"spec":{"ports":[{"port":0}]}}"""),
        new("POST", $"{Default}/services", """{"metadata":{"name":"bad"},"spec":{"ports":[{"port":80},{"port":81}]}}"""),
        new("POST", $"{Default}/services", """{"metadata":{"name":"bad"},"spec":{"clusterIP":"1.2.3.4","ports":[{"port":80}]}}""") { Wording = "the allocator's words changed in 1.24" },
        new("POST", $"{Default}/services", """{"metadata":{"name":"bad"},"spec":{"clusterIP":"10.96.7.7","ports":[{"port":80}]}}""") { Wording = "the allocator's words changed in 1.24" },
        new("POST", $"{Default}/services", """{"metadata":{"name":"9bad"},"spec":{"ports":[{"port":80}]}}"""),
        new("POST", $"{Default}/services", """{"metadata":{"name":"bad"},"spec":{"type":"Nope","ports":[{"port":80}]}}"""),
        new("POST", $"{Default}/pods", """{"metadata":{"name":"bad"},"spec":{}}"""),
        new("POST", $"{Default}/pods", """{"metadata":{"name":"bad"},"spec":{"containers":[{"name":"c"}]}}"""),
        new("POST", $"{Default}/pods", """{"metadata":{"name":"bad"},"spec":{"containers":[{"image":"x"}]}}"""),
        new("POST", $"{Default}/pods", """{"metadata":{"name":"bad"},"spec":{"containers":[{"name":"c","image":"x"},{"name":"c","image":"x"}]}}"""),
        new("POST", $"{Default}/pods", """{"metadata":{"name":"bad"},"spec":{"restartPolicy":"Sometimes","containers":[{"name":"c","image":"x"}]}}"""),
        new("POST", $"{Default}/pods", """{"metadata":{"name":"bad"},"spec":{"containers":[{"name":"c","image":"x","ports":[{"containerPort":70000}]}]}}"""),
        new("POST", $"{Default}/pods", """{"metadata":{"name":"bad"},"spec":{"containers":[{"name":"c","image":"x","volumeMounts":[{"name":"v","mountPath":"/v"}]}]}}"""),
        new("POST", $"{Default}/pods", """{"metadata":{"name":"bad"},"spec":{"containers":[{"name":"c","image":7}]}}""") { Wording = "another JSON library since 1.23" },
        new("POST", Deployments, """{"metadata":{"name":"bad"},"spec":{"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"b"}},"spec":{"containers":[{"name":"c","image":"x"}]}}}}"""),
        new("POST", Deployments, """{"metadata":{"name":"bad"},"spec":{"template":{"metadata":{"labels":{"app":"b"}},"spec":{"containers":[{"name":"c","image":"x"}]}}}}"""),
        new("POST", Deployments, """{"metadata":{"name":"bad"},"spec":{"replicas":-2,"selector":{"matchLabels":{"app":"b"}},"template":{"metadata":{"labels":{"app":"b"}},"spec":{"containers":[{"name":"c","image":"x"}]}}}}"""),
        new("PATCH", $"{Deployments}/web", """{"spec":{"selector":{"matchLabels":{"app":"other"}}}}""", Merge),
        new("PATCH", $"{Default}/services/svc", """{"spec":{"clusterIP":"10.96.8.8"}}""", Merge),
        new("PATCH", $"{Default}/pods/p", """{"spec":{"nodeName":"n3"}}""", Merge) { Wording = "the list of fields grew, and Go prints the difference" },
        new("PATCH", $"{Default}/secrets/s", """{"type":"other"}""", Merge),
        new("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", """{"metadata":{"name":"system-mine"},"value":1}"""),
        new("POST", $"{Default}/endpoints", """{"metadata":{"name":"e"},"subsets":[{"addresses":[{"ip":"nonsense"}],"ports":[{"port":1}]}]}""") { Wording = "checked twice until 1.21" },
        new("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """{"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"view"},"subjects":[{"kind":"Robot","name":"x"}]}"""),
        new("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", """{"metadata":{"name":"r"},"rules":[{"resources":["pods"]}]}"""),
        new("POST", $"{Default}/configmaps", "{nonsense") { Wording = "Go's words for broken JSON" },
        new("POST", $"{Default}/configmaps", "[]") { Wording = "Go's words for broken JSON" },
    ];

    private static IEnumerable<ComparedRequest> Patches() =>
    [
        new("PATCH", $"{Default}/configmaps/a", """[{"op":"add","path":"/data/n","value":"1"}]""", Json),
        new("PATCH", $"{Default}/configmaps/a", """[{"op":"test","path":"/data/n","value":"2"}]""", Json) { Wording = "the reason is told since 1.21" },
        new("PATCH", $"{Default}/configmaps/a", """[{"op":"remove","path":"/data/missing"}]""", Json) { Wording = "the reason is told since 1.21" },
        new("PATCH", $"{Default}/configmaps/a", """[{"op":"replace","path":"/nothing/there","value":1}]""", Json) { Wording = "the reason is told since 1.21" },
        new("PATCH", $"{Default}/configmaps/a", """{"not":"a list"}""", Json) { Wording = "since 1.22 it says that decoding failed" },
        new("PATCH", $"{Default}/configmaps/a", """{"data":{"n":null,"m":"2"}}""", Merge),
        new("PATCH", $"{Default}/configmaps/a", """{"metadata":{"name":"c"}}""", Merge),
        new("PATCH", $"{Default}/configmaps/a", """{"metadata":{"resourceVersion":"1"}}""", Merge),
        new("PATCH", $"{Default}/configmaps/none", """{"data":{}}""", Merge),
        new("PATCH", $"{Default}/configmaps/a", "{}", "text/plain") { Wording = "the accepted types are told since 1.22" },
        new("PATCH", $"{Deployments}/web", """{"spec":{"template":{"spec":{"containers":[{"name":"c","env":[{"name":"A","value":"1"}]},{"name":"d","image":"busybox"}]}}}}""", Strategic),
        new("PATCH", $"{Deployments}/web", """{"spec":{"template":{"spec":{"containers":[{"name":"d","$patch":"delete"}]}}}}""", Strategic),
        new("PATCH", $"{Deployments}/web", """{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""", Strategic),
        new("PATCH", $"{Deployments}/web", """{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"c"}],"containers":[{"name":"c","image":"nginx:2"}]}}}}""", Strategic),
        new("PATCH", $"{Default}/configmaps/ssa?fieldManager=one", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"ssa"},"data":{"a":"1","b":"1"}}""", Apply),
        new("PATCH", $"{Default}/configmaps/ssa?fieldManager=two", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"ssa"},"data":{"a":"2"}}""", Apply),
        new("PATCH", $"{Default}/configmaps/ssa?fieldManager=two&force=true", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"ssa"},"data":{"a":"2"}}""", Apply),
        new("PATCH", $"{Default}/configmaps/ssa?fieldManager=one", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"ssa"},"data":{}}""", Apply),
        new("PATCH", $"{Default}/configmaps/ssa", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"ssa"}}""", Apply),
        new("PATCH", $"{Default}/configmaps/ssa?force=true", """{"data":{}}""", Merge),
    ];

    private static IEnumerable<ComparedRequest> Deletes() =>
    [
        new("POST", $"{Default}/configmaps", """{"metadata":{"name":"held","finalizers":["example.com/hold"]}}"""),
        new("DELETE", $"{Default}/configmaps/held"),
        new("PATCH", $"{Default}/configmaps/held", """{"metadata":{"finalizers":["example.com/hold","example.com/more"]}}""", Merge) { Wording = "checked twice until 1.21" },
        new("PATCH", $"{Default}/configmaps/held", """{"metadata":{"finalizers":null}}""", Merge),
        new("GET", $"{Default}/configmaps/held"),
        new("DELETE", $"{Default}/configmaps/none"),
        new("DELETE", $"{Default}/configmaps/ssa", """{"preconditions":{"uid":"0"}}"""),
        new("DELETE", $"{Default}/configmaps/ssa?propagationPolicy=Sideways"),
        new("DELETE", $"{Default}/configmaps/ssa?dryRun=All"),
        new("DELETE", $"{Default}/configmaps/ssa"),
        new("DELETE", $"{Default}/services/headless") { Wording = "the object comes back since 1.23" },
        new("DELETE", $"{Deployments}/web", """{"propagationPolicy":"Foreground"}"""),
        new("PATCH", $"{Deployments}/web", """{"metadata":{"finalizers":null}}""", Merge),
        new("DELETE", $"{Default}/pods/p?gracePeriodSeconds=5"),
        new("DELETE", $"{Default}/pods/p?gracePeriodSeconds=0"),
        new("GET", $"{Default}/pods/p"),
        new("DELETE", $"{Default}/serviceaccounts/robot"),
        new("DELETE", "/api/v1/namespaces/default"),
        new("DELETE", "/api/v1/namespaces/kube-system"),
        new("DELETE", "/api/v1/namespaces/team"),
        new("POST", "/api/v1/namespaces/team/configmaps", """{"metadata":{"name":"late"}}"""),
    ];

    private static IEnumerable<ComparedRequest> Lists() =>
    [
        new("GET", $"{Default}/configmaps?labelSelector=x%3D1"),
        new("GET", $"{Default}/configmaps?labelSelector=x+in+(1,2)"),
        new("GET", $"{Default}/configmaps?labelSelector=x%3D%3D%3D1") { Wording = "Go's parser" },
        new("GET", $"{Default}/configmaps?labelSelector=-x") { Wording = "field errors since 1.21" },
        new("GET", $"{Default}/configmaps?fieldSelector=metadata.name%3Da") { Wording = "items name their kind here" },
        new("GET", $"{Default}/configmaps?fieldSelector=data.k%3Da"),
        new("GET", $"{Default}/pods?fieldSelector=spec.image%3Da"),
        new("GET", $"{Default}/pods?fieldSelector=nonsense"),
        new("GET", $"{Default}/configmaps?continue=nonsense") { Wording = "Go's words for broken JSON" },
        new("GET", $"{Default}/configmaps?resourceVersionMatch=Exact"),
        new("GET", $"{Default}/configmaps?resourceVersionMatch=Never&resourceVersion=1"),
        new("DELETE", $"{Default}/configmaps?labelSelector=x%3Dnothing"),
        new("GET", "/api/v1/namespaces/nowhere/pods"),
    ];

    private static IEnumerable<ComparedRequest> Tables() => ((string[])
    [
        "api/v1/configmaps", "api/v1/endpoints", "api/v1/events", "api/v1/limitranges", "api/v1/namespaces", "api/v1/nodes",
        "api/v1/podtemplates", "api/v1/replicationcontrollers",
        "api/v1/resourcequotas", "api/v1/secrets", "api/v1/serviceaccounts", "api/v1/services",
        "apis/apps/v1/controllerrevisions", "apis/apps/v1/daemonsets", "apis/apps/v1/deployments", "apis/apps/v1/replicasets", "apis/apps/v1/statefulsets",
        "apis/coordination.k8s.io/v1/leases", "apis/networking.k8s.io/v1/ingresses", "apis/networking.k8s.io/v1/ingressclasses",
        "apis/networking.k8s.io/v1/networkpolicies", "apis/rbac.authorization.k8s.io/v1/roles", "apis/rbac.authorization.k8s.io/v1/rolebindings",
        "apis/storage.k8s.io/v1/storageclasses", "apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    ]).Select(static path => new ComparedRequest("GET", $"/{path}?labelSelector=nothing", null, Accept: Table));

    private static IEnumerable<ComparedRequest> Custom() =>
    [
        new("POST", Definitions, """{"metadata":{"name":"wrong.stable.example.com"},"spec":{"group":"stable.example.com","scope":"Namespaced","names":{"kind":"CronTab","plural":"crontabs"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}"""),
        new("POST", Definitions, """{"metadata":{"name":"crontabs.stable.example.com"},"spec":{"group":"stable.example.com","scope":"Namespaced","names":{"kind":"CronTab","plural":"crontabs"},"versions":[]}}"""),
        new("POST", Definitions, """{"metadata":{"name":"crontabs.stable.example.com"},"spec":{"group":"stable.example.com","scope":"Elsewhere","names":{"kind":"CronTab","plural":"crontabs"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}"""),
        new("GET", $"{CronTabs}/none"),
    ];

    private static IEnumerable<ComparedRequest> Access() =>
    [
        new("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", """{"metadata":{"name":"reader"},"rules":[{"apiGroups":[""],"resources":["pods","pods/log"],"verbs":["get","list"]},{"apiGroups":["apps"],"resources":["deployments"],"resourceNames":["web"],"verbs":["update"]}]}"""),
        new("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", """{"metadata":{"name":"reader"},"roleRef":{"kind":"Role","name":"reader"},"subjects":[{"kind":"User","name":"bob"},{"kind":"ServiceAccount","name":"robot","namespace":"default"}]}"""),
        new("PATCH", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/reader", """{"roleRef":{"name":"other"}}""", Merge) { Wording = "Go prints the reference" },
        new("GET", $"{Default}/pods") { As = "bob" },
        new("GET", $"{Default}/pods/none") { As = "bob" },
        new("GET", "/api/v1/pods") { As = "bob" },
        new("GET", $"{Default}/pods?watch=true") { As = "bob" },
        new("DELETE", $"{Default}/pods/none") { As = "bob" },
        new("DELETE", $"{Default}/pods") { As = "bob" },
        new("POST", $"{Default}/pods/none/exec?command=ls") { As = "bob" },
        new("PATCH", $"{Deployments}/none", "{}", Merge) { As = "bob" },
        new("PUT", $"{Deployments}/other", "{}") { As = "bob" },
        new("GET", "/api/v1/nodes") { As = "bob" },
        new("GET", "/api/v1/namespaces/default") { As = "bob" },
        new("GET", "/metrics") { As = "bob" },
        new("GET", $"{Default}/secrets/none") { As = "system:serviceaccount:default:robot" },
        new("GET", $"{Default}/pods/none/log") { As = "system:serviceaccount:default:robot" },
        new("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """{"spec":{"resourceAttributes":{"verb":"list","resource":"pods","namespace":"default"}}}""") { As = "bob" },
        new("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """{"spec":{"resourceAttributes":{"verb":"list","resource":"pods","namespace":"kube-system"}}}""") { As = "bob" },
        new("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """{"spec":{"nonResourceAttributes":{"verb":"get","path":"/apis/apps"}}}""") { As = "bob" },
        new("POST", $"{Default}/serviceaccounts", """{"metadata":{"name":"robot"}}"""),
        new("POST", $"{Default}/serviceaccounts/robot/token", """{"spec":{"expirationSeconds":60}}"""),
        new("POST", $"{Default}/serviceaccounts/none/token", """{"spec":{}}"""),
        new("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """{"spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}"""),
        new("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """{"spec":{}}""") { Wording = "the kind is told since 1.21" },
        new("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", """{"spec":{"user":"bob","resourceAttributes":{"verb":"get","resource":"pods"}}}"""),
    ];
}
