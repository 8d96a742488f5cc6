namespace CiliumLab.Tests.Simulator.Api;

/// <summary>Sessions with objects that stand still: patches, applies, access, custom kinds, and what kubectl is told about the server.</summary>
public class KubectlObjectTests
{
    private const string CronTabs = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: crontabs.stable.example.com}
        spec:
          group: stable.example.com
          scope: Namespaced
          names: {kind: CronTab, plural: crontabs, singular: crontab, shortNames: [ct]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
            additionalPrinterColumns:
            - {name: Spec, type: string, jsonPath: .spec.cronSpec}
            - {name: Replicas, type: integer, jsonPath: .spec.replicas}
            - {name: Image, type: string, jsonPath: .spec.image, priority: 1}
            schema:
              openAPIV3Schema:
                type: object
                description: Something that happens again and again.
                properties:
                  spec:
                    type: object
                    required: [cronSpec]
                    properties:
                      cronSpec: {type: string, description: When it happens.}
                      image: {type: string}
                      replicas: {type: integer, minimum: 1, maximum: 10, default: 1}
                  status: {type: object, properties: {replicas: {type: integer}}}
        """;

    [Fact]
    public async Task Objects_are_created_patched_compared_applied_and_replaced()
    {
        await using var lab = await ApiLab.StartAsync();
        using var k = Kubectl.For(lab.Server);
        var file = k.Write("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {a: one}\n");

        await k.SaysAsync("create configmap c --from-literal=a=1", "configmap/c created");
        await k.SaysAsync("create secret generic s --from-literal=a=1", "secret/s created");
        await k.SaysAsync("get secret s", "NAME TYPE DATA AGE\ns Opaque 1 0s");
        await k.SaysAsync("create configmap c", "error: failed to create configmap: configmaps \"c\" already exists", code: 1);
        await k.SaysAsync("patch configmap c --type=merge -p {\"data\":{\"b\":\"2\"}}", "configmap/c patched");
        await k.SaysAsync("patch configmap c --type=json -p [{\"op\":\"remove\",\"path\":\"/data/a\"}]", "configmap/c patched");
        await k.SaysAsync("patch configmap c -p {\"data\":{\"b\":\"2\"}}", "configmap/c patched (no change)");
        await k.SaysAsync("get configmap c -o jsonpath={.data}", "{\"b\":\"2\"}");
        Assert.Contains("+  a: one", await k.RunAsync($"diff -f {file}", code: 1), StringComparison.Ordinal);
        await k.SaysAsync($"apply --dry-run=server -f {file}", "configmap/map created (server dry run)");
        await k.SaysAsync($"apply -f {file}", "configmap/map created");
        await k.SaysAsync($"diff -f {file}", "");
        k.Write("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {a: two}\n");
        Assert.Contains("-  a: one\n+  a: two", await k.RunAsync($"diff -f {file}", code: 1), StringComparison.Ordinal);
        Assert.Contains("conflict with \"kubectl-client-side-apply\" using v1: .data.a", await k.RunAsync($"apply --server-side --field-manager=other -f {file}", code: 1), StringComparison.Ordinal);
        await k.SaysAsync($"apply -f {file}", "configmap/map configured");
        await k.SaysAsync($"replace --force -f {file}", "configmap \"map\" deleted\nconfigmap/map replaced");
        await k.SaysAsync("label configmap map x=1", "configmap/map labeled");
        await k.SaysAsync("get configmap -l x=1 --show-labels", "NAME DATA AGE LABELS\nmap 1 0s x=1");
        await k.SaysAsync($"delete -f {file}", "configmap \"map\" deleted");
        await k.SaysAsync("create ingress i --rule=lab.example.com/=web:80", "ingress.networking.k8s.io/i created");
        await k.SaysAsync("get ingress", "NAME CLASS HOSTS ADDRESS PORTS AGE\ni <none> lab.example.com 80 0s");
        await k.SaysAsync("create quota q --hard=pods=2", "resourcequota/q created");
        await k.SaysAsync("create cronjob cj --image=busybox '--schedule=* * * * *' -- date", "cronjob.batch/cj created");
        await k.SaysAsync("get deployment nothing -o yaml", "Error from server (NotFound): deployments.apps \"nothing\" not found", code: 1);
    }

    [Fact]
    public async Task Access_is_asked_for_granted_and_refused()
    {
        await using var lab = await ApiLab.StartAsync();
        using var k = Kubectl.For(lab.Server);

        await k.SaysAsync("auth whoami -o jsonpath={.status.userInfo.username}", "kubernetes-admin");
        await k.SaysAsync("create serviceaccount robot", "serviceaccount/robot created");
        await k.SaysAsync("create role reader --verb=get,list --resource=pods,pods/log", "role.rbac.authorization.k8s.io/reader created");
        await k.SaysAsync("create rolebinding reader --role=reader --serviceaccount=default:robot", "rolebinding.rbac.authorization.k8s.io/reader created");
        await k.SaysAsync("get rolebinding -o wide", "NAME ROLE AGE USERS GROUPS SERVICEACCOUNTS\nreader Role/reader 0s default/robot");
        await k.SaysAsync("auth can-i list pods --as=system:serviceaccount:default:robot", "yes");
        await k.SaysAsync("auth can-i delete pods --as=system:serviceaccount:default:robot", "no", code: 1);
        await k.SaysAsync("auth can-i list pods -n kube-system --as=system:serviceaccount:default:robot", "no", code: 1);
        await k.SaysAsync("auth can-i '*' '*'", "yes");
        Assert.Matches(@"pods/log +\[\] +\[\] +\[get list\]", await k.RunAsync("auth can-i --list --as=system:serviceaccount:default:robot"));
        var token = (await k.RunAsync("create token robot --duration=1h")).Trim();
        Assert.Equal(3, token.Split('.').Length);
        await k.SaysAsync("get secrets --as=system:serviceaccount:default:robot",
            "Error from server (Forbidden): secrets is forbidden: User \"system:serviceaccount:default:robot\" cannot list resource \"secrets\" in API group \"\" in the namespace \"default\"", code: 1);
        var server = $"--kubeconfig={k.Write("empty", "")} --server={lab.Server.Address.GetLeftPart(UriPartial.Authority)}";
        var authority = k.Write("ca.crt", lab.Server.Certificates.AuthorityPem);
        await k.SaysAsync($"{server} --certificate-authority={authority} --token={token} get pods", "No resources found in default namespace.");
        Assert.Contains("You must be logged in to the server", await k.RunAsync($"{server} --certificate-authority={authority} --token=guess get pods", code: 1), StringComparison.Ordinal);
        Assert.Contains("certificate signed by unknown authority", await k.RunAsync($"{server} --token={token} get pods", code: 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_custom_kind_is_explained_printed_scaled_and_validated()
    {
        await using var lab = await ApiLab.StartAsync();
        using var k = Kubectl.For(lab.Server);

        await k.SaysAsync("create -f -", "customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com created", CronTabs);
        await k.SaysAsync("wait --for=condition=Established crd/crontabs.stable.example.com", "customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com condition met");
        await k.SaysAsync("api-resources --api-group=stable.example.com", "NAME SHORTNAMES APIVERSION NAMESPACED KIND\ncrontabs ct stable.example.com/v1 true CronTab");
        var explained = await k.RunAsync("explain crontabs.spec");
        Assert.Contains("cronSpec\t<string> -required-\n    When it happens.", explained, StringComparison.Ordinal);
        Assert.Contains("  spec\t<Object>\n    cronSpec\t<string> -required-", await k.RunAsync("explain ct --recursive"), StringComparison.Ordinal);
        await k.SaysAsync("create -f -", "crontab.stable.example.com/a created", "{apiVersion: stable.example.com/v1, kind: CronTab, metadata: {name: a}, spec: {cronSpec: daily}}");
        Assert.Contains("strict decoding error: unknown field \"spec.other\"", await k.RunAsync("create -f -", "{apiVersion: stable.example.com/v1, kind: CronTab, metadata: {name: b}, spec: {cronSpec: x, other: 1}}", 1), StringComparison.Ordinal);
        await k.SaysAsync("get ct", "NAME SPEC REPLICAS\na daily 1");
        await k.SaysAsync("get ct -o wide", "NAME SPEC REPLICAS IMAGE\na daily 1");
        await k.SaysAsync("scale ct a --replicas=3", "crontab.stable.example.com/a scaled");
        await k.SaysAsync("scale ct a --replicas=30", "The CronTab \"a\" is invalid: spec.replicas: Invalid value: 30: spec.replicas in body should be less than or equal to 10", code: 1);
        await k.SaysAsync("patch ct a --subresource=status --type=merge -p {\"status\":{\"replicas\":2}}", "crontab.stable.example.com/a patched");
        await k.SaysAsync("get ct a -o jsonpath={.spec.replicas}/{.status.replicas}", "3/2");
        await k.SaysAsync("delete crd crontabs.stable.example.com", "customresourcedefinition.apiextensions.k8s.io \"crontabs.stable.example.com\" deleted");
        Assert.Contains("the server could not find the requested resource", await k.RunAsync("get ct", code: 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_tells_what_it_is_and_what_it_knows()
    {
        await using var lab = await ApiLab.StartAsync();
        using var k = Kubectl.For(lab.Server);

        Assert.Contains("Server Version: v1.33.2", await k.RunAsync("version"), StringComparison.Ordinal);
        Assert.Contains("Kubernetes control plane", await k.RunAsync("cluster-info"), StringComparison.Ordinal);
        Assert.Contains("discovery.k8s.io/v1\n", await k.RunAsync("api-versions"), StringComparison.Ordinal);
        Assert.Contains("containers\t<[]Container> -required-", await k.RunAsync("explain pod.spec"), StringComparison.Ordinal);
        foreach (var kind in (string[])["pod", "deployment", "ingress", "cronjob", "resourcequota", "node", "customresourcedefinition", "networkpolicy"])
            Assert.Contains("FIELDS:", await k.RunAsync($"explain {kind} --recursive"), StringComparison.Ordinal);
    }
}
