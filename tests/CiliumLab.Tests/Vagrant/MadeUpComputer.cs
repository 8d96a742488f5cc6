using System.Net;
using CiliumLab.Engine.Host;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;

namespace CiliumLab.Tests.Vagrant;

/// <summary>A computer that a test makes up: its files below a scratch folder, its programs stand-ins that say what real ones were seen to say.</summary>
internal sealed class MadeUpComputer : IDisposable
{
    public const string ModulesLoaded = "vboxnetflt 40960 0 - Live 0x0\nvboxnetadp 28672 0 - Live 0x0\nvboxdrv 708608 2 vboxnetflt,vboxnetadp, Live 0x0\n";

    private readonly ScratchFolder _scratch = new();

    public string Folder => _scratch.Path;

    /// <summary>Where its files begin.</summary>
    public string Root => Path.Combine(_scratch.Path, "root");

    private string Programs => Path.Combine(_scratch.Path, "programs");

    public void Dispose() => _scratch.Dispose();

    /// <summary>Gives it everything that a lab needs.</summary>
    public void Ready(string virtualBox = "7.1.10r169112", string vagrant = "2.4.7")
    {
        // A program is remembered by its file, so each version has one of its own.
        Program("vagrant", $"echo 'Vagrant {vagrant}'");
        Program("VBoxManage", $"case $* in --version) echo {virtualBox} ;; 'list systemproperties') echo 'Default machine folder:          /home/u/VirtualBox VMs' ;; esac");
        Program("apt-get", "exit 1");
        Program("sysctl", "echo 1");
        File("/proc/modules", ModulesLoaded);
        File("/proc/sys/kernel/osrelease", "6.8.0-53-generic\n");
        File("/lib/modules/6.8.0-53-generic/modules.dep", "misc/vboxdrv.ko:\nmisc/vboxnetflt.ko: misc/vboxdrv.ko\nupdates/dkms/vboxdrv.ko.zst:\n");
        File("/etc/modules-load.d/virtualbox.conf", "# comment\nvboxdrv\nvboxnetadp\nvboxnetflt\n");
        File("/etc/vbox/networks.conf", "* 192.168.0.0/16\n");
        File("/proc/cpuinfo", "processor : 0\nflags : fpu vmx ept\n");
        File("/proc/meminfo", "MemTotal:       32000000 kB\nMemAvailable:   24000000 kB\n");
    }

    /// <summary>Gives it a program, as a shell script.</summary>
    public void Program(string name, string script)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-ins are shell scripts");
        StandIn.Write(Programs, name, script);
    }

    /// <summary>Lets VirtualBox list something.</summary>
    public void VirtualBoxLists(string what, string output, string version = "7.1.10r169112") =>
        Program("VBoxManage", $"case $* in --version) echo {version} ;; 'list {what}') cat <<'END'\n{output}END\n;; esac");

    public void File(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Root + path)!);
        System.IO.File.WriteAllText(Root + path, text);
    }

    public void Delete(string path) => System.IO.File.Delete(Root + path);

    /// <summary>The computer as the checks see it.</summary>
    public LocalHost Host(HostPlatform platform = HostPlatform.Linux, bool root = true, long freeSpace = 100L << 30, params (string Interface, string Address)[] addresses) =>
        new()
        {
            Platform = platform,
            Root = Root,
            ProgramFolders = [Programs],
            IsRoot = root,
            FreeSpace = _ => freeSpace,
            Addresses = () => addresses.Select(address => (address.Interface, IPAddress.Parse(address.Address))),
        };

    /// <summary>The checks for the lab "lab", by name.</summary>
    public static async Task<Dictionary<string, LabHostCheck>> CheckAsync(LocalHost host, LabTopology? topology = null, string? labFolder = null)
    {
        var checks = new Dictionary<string, LabHostCheck>();
        // Real ports are asked, so a test takes such as nobody else has.
        var needs = new HostNeeds("lab", topology ?? new LabTopology { SshPort = 22170 }, labFolder);
        await foreach (var finding in HostChecks.RunAsync(host, needs, TestContext.Current.CancellationToken))
            checks.Add(finding.Check.Name, finding.Check);
        return checks;
    }

    /// <summary>Makes every change that a check offers.</summary>
    public static async Task InitializeAsync(LocalHost host)
    {
        await foreach (var finding in HostChecks.RunAsync(host, new HostNeeds("lab", new LabTopology(), null), TestContext.Current.CancellationToken))
        {
            if (finding.Change is { } change)
                await change.ApplyAsync(TestContext.Current.CancellationToken);
        }
    }
}
