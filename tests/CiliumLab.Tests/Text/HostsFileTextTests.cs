using System.Net;
using CiliumLab.Engine.Text;

namespace CiliumLab.Tests.Text;

public sealed class HostsFileTextTests
{
    [Fact]
    public void Reads_every_entry_of_the_lab()
    {
        var entries = HostsFileText.Parse(Fixture.Open("transcript/010-cat-etc-hosts.txt"), "k8s-ctr", Unexpected.Warning).ToList();

        Assert.Equal(11, entries.Count);
        Assert.Equal(IPAddress.Parse("::1"), entries[2].Address);
        Assert.Equal("ip6-localhost", entries[2].Name);
        Assert.Equal(["ip6-loopback"], entries[2].Aliases);
        Assert.Equal(IPAddress.Parse("192.168.10.102"), entries[10].Address);
        Assert.All(entries, entry => Assert.Equal("k8s-ctr", entry.Node));
    }

    [Fact]
    public void A_line_without_a_name_is_a_warning_with_its_number()
    {
        var warnings = new List<TextWarning>();

        var entries = HostsFileText.Parse(new StringReader("127.0.0.1 localhost # us\n10.0.0.1\n"), null, warnings.Add).ToList();

        Assert.Equal("us", Assert.Single(entries).Comment);
        Assert.Equal(new TextWarning(2, "10.0.0.1", "expected an address and at least one name"), Assert.Single(warnings));
    }
}
