using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Cni;

/// <summary>Charts that come from elsewhere than the usual repository: a folder of the control plane, and an OCI registry.</summary>
public sealed class ChartPlaceTests : IDisposable
{
    private readonly string _lab = "charts-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Prompt _prompt = new();

    public void Dispose()
    {
        _prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", _lab);
        _prompt.Dispose();
    }

    [Fact]
    public void A_chart_comes_from_a_folder_or_a_registry_and_what_is_not_there_is_told()
    {
        _prompt.Get(
            """
            $ConfirmPreference = 'None'
            $null = New-LabCluster $args[0] -Provider Simulator -Speed 20
            $null = Set-NodeInternalIp eth1
            $null = Invoke-NodeCommand -Node k8s-ctr -Command mkdir, -p, /home/vagrant/charts/flannel
            $null = Invoke-NodeCommand -Node k8s-ctr -Command tee, /home/vagrant/charts/flannel/Chart.yaml -InputText "apiVersion: v1`nname: flannel`nversion: v0.27.1`n"
            """,
            _lab);

        Assert.Contains("path \"/home/vagrant/charts/nothing\" not found", Refusal("Install-Cni Flannel -Chart /home/vagrant/charts/nothing"), StringComparison.Ordinal);
        Assert.Contains("Chart.yaml file is missing", Refusal("Install-Cni Flannel -Chart /home/vagrant/charts"), StringComparison.Ordinal);
        Assert.Contains("says itself where the chart is", Refusal("Install-Cni Flannel -Chart /home/vagrant/charts/flannel -Repository https://flannel-io.github.io/flannel"), StringComparison.Ordinal);
        var flannel = Installed("Install-Cni Flannel -Interface eth1 -Chart /home/vagrant/charts/flannel");
        Assert.Equal((CniKind.Flannel, true, 3), (flannel.Name, flannel.InCharge, flannel.Ready));

        _prompt.Get("$null = Uninstall-Cni Flannel; $null = Remove-FlannelArtifacts; $null = Remove-KubeProxy");
        Assert.Contains("quay.io/cilium/charts/cilim", Refusal("Install-Cni Cilium -Chart oci://quay.io/cilium/charts/cilim"), StringComparison.Ordinal);
        var cilium = Installed("Install-Cni Cilium -Chart oci://quay.io/cilium/charts/cilium -Version 1.17.5");
        Assert.Equal((CniKind.Cilium, "1.17.5", 3), (cilium.Name, cilium.Version, cilium.Ready));
    }

    private string Refusal(string script) => Assert.Single(_prompt.Run(script).Errors).ToString();

    private CniInstallation Installed(string script) => (CniInstallation)Assert.Single(_prompt.Get(script)).BaseObject;
}
